// Analyses of a run: written whole or not at all, listed, read, let go.
export { analysisPartial, beginAnalysis, type AnalysisFolder, type AnalysisTarget } from './folder'
export { analysisTiles } from './tiles'
export { analysisMatrix, damagedSentence, listAnalyses, readAnalysis, removeAnalysis, sameAnalysis } from './read'
export { allAnalyses, planePoint, readAnalysisArray } from './values'
