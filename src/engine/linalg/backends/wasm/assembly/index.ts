// Everything the kernels export; built to out/wasm/kernels.wasm.
export { copyBlock, mirrorDiagonalBlock, findNonFinite, scaleBlock, transposeBlock } from './blocks'
export { multiplyBlock } from './multiply'
export { pack, unpack } from './pack'
export { correctWeights, formSecularVector, solveSecular } from './secular'
export { multiplySymmetricRows } from './symmetric'
export { factorizeCholesky, solvePackedTriangle } from './triangular'
export { isolateEigenvalue } from './tridiagonal'
export { addRows, dot, dotRows, flushTiny, maxAbs, rotateRows, scale, scaleAndAdd } from './vectors'
