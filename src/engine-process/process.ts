// Entry of the process that works on one run or one job.
export {}
