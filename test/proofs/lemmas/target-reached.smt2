; claim: Closing x* = 2C/(b + s) reaches the target, a·x² − b·x + C ≤ 0, for every root s rounded down
; of: LiquidationMath.targetUp
(declare-const a Real)
(declare-const b Real)
(declare-const c Real)
(declare-const s Real)
(declare-const x Real)
(assert (and (>= a 0) (> b 0) (> c 0) (>= s 0)))
(assert (<= (* s s) (- (* b b) (* 4 a c))))
(assert (= (* x (+ b s)) (* 2 c)))
(assert (not (<= (+ (- (* a x x) (* b x)) c) 0)))
(check-sat)
