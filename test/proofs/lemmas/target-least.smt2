; claim: No smaller size reaches the target: x* never overshoots, but by the rounding of its parts
; of: LiquidationMath.targetUp
(declare-const a Real)
(declare-const b Real)
(declare-const c Real)
(declare-const s Real)
(declare-const x Real)
(declare-const y Real)
(assert (and (>= a 0) (> b 0) (> c 0) (>= s 0)))
(assert (= (* s s) (- (* b b) (* 4 a c))))
(assert (= (* x (+ b s)) (* 2 c)))
(assert (and (>= y 0) (< y x)))
(assert (not (> (+ (- (* a y y) (* b y)) c) 0)))
(check-sat)
