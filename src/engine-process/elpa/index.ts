// Spectra beyond one machine: a matrix out to ELPA, and its spectrum back into the run.
export { exportForElpa, type ElpaTarget } from './export'
export { importFromElpa, isElpaFolder } from './import'
