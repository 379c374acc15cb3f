// Exact curvature of networks: matrices, products, Lanczos, densities, snapshots and their checks.
export { finiteDifferenceError, matrixFigures, residualError, snapshotChecks, spectrumChecks } from './checks'
export { densityGrid, smoothedDensity, spectralDensity, type DensityOptions, type SpectralDensity } from './density'
export { assembleCurvature, type AssemblyOptions, type CurvatureProblem } from './hessian'
export { extremeEigenpairs, lanczosBasis, tridiagonalEigen, type ExtremeEigenpairs, type KrylovBasis } from './lanczos'
export { curvatureBytes, describeBytes, requireBytes, type MemoryUse } from './memory'
export { addProducts, type ProductKind } from './products'
export { chosenVectors, takeSnapshot, type SnapshotContents, type SnapshotOptions, type TakenSnapshot } from './snapshot'
