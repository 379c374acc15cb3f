// The run store: the workspace on disk. Everything other rooms use is exported here; datasets are in ./datasets.
export * from './files'
export * from './workspace'
export * from './run-folder'
export * from './run-index'
export * from './metrics'
export * from './snapshots'
export * from './training-run'
export * from './transfer'
