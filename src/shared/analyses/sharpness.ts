// The gradient of the largest eigenvalue: where sharpness grows, and how fast a gradient step changes it.
import { z } from 'zod'
import { dataOption, type AnalysisFacts } from './facts'

export const sharpness = {
  of: 'point',
  title: 'Gradient of sharpness',
  summary:
    'The largest eigenvalue λ₁ of the Hessian, its gradient ∇λ₁ = T₃[u, u, ·] by one jet along its eigenvector u, and the rate at which a step of gradient descent changes it. Refused where λ₁ is not simple: then it has no gradient.',
  options: z.strictObject({ data: dataOption }),
  arrays: {
    gradient: { meaning: '∇λ₁, one number a weight', unit: 'loss per weight³' },
    vector: { meaning: 'the eigenvector u of λ₁, of length 1', unit: null }
  },
  figures: {
    lambda: 'λ₁, the largest eigenvalue',
    gap: 'λ₁ − λ₂; none where there is one weight',
    gradientNorm: '‖∇λ₁‖',
    progressive:
      '−∇λ₁·∇f / ‖∇f‖²: how much λ₁ grows while gradient descent lowers the loss by one, to first order; above 0 training sharpens. None where ∇f = 0',
    lossGradientNorm: '‖∇f‖'
  },
  checks: {
    residual: '‖Hu − λ₁u‖ by Hessian-vector products over the largest |λ|',
    jet: '‖c₁ − λ₁u‖ over the largest |λ|, c₁ = Hu from the jet itself',
    difference:
      'central differences of uᵀHu along ∇λ₁, by Hessian-vector products, against ‖∇λ₁‖, relative; the best of four step sizes, since one may carry a sample across a kink'
  }
} as const satisfies AnalysisFacts
