// What stands between a number and its unit on the page: it neither breaks the line nor tears them apart.
export const narrowSpace = '\u202f'
