export declare const mayImport: Readonly<Record<string, readonly string[]>>
/** One sentence a broken rule; empty when the house is in order. */
export declare function floorProblems(file: string, text: string): string[]
