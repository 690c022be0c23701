; claim: Where the root is not real or b ≤ 0, no size reaches the target: the answer "everything" is right
; of: LiquidationMath.targetUp
(declare-const a Real)
(declare-const b Real)
(declare-const c Real)
(declare-const x Real)
(assert (and (>= a 0) (> c 0) (>= x 0)))
(assert (or (<= b 0) (< (* b b) (* 4 a c))))
(assert (not (> (+ (- (* a x x) (* b x)) c) 0)))
(check-sat)
