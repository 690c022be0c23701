; claim: Closing x of N frees ΔMM(x) = x·(m + 2μN/D) − μx²/D of a requirement N·m + μN²/D
; of: LiquidationMath.reductionOf, MarginMath.requirementUp
(declare-const n Real)
(declare-const x Real)
(declare-const m Real)
(declare-const mu Real)
(declare-const d Real)
(assert (> d 0))
(define-fun mm ((y Real)) Real (+ (* y m) (/ (* mu y y) d)))
(assert (not (= (- (mm n) (mm (- n x))) (- (* x (+ m (/ (* 2 mu n) d))) (/ (* mu x x) d)))))
(check-sat)
