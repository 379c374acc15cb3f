export declare const mayImport: Readonly<Record<string, readonly string[]>>
/** Rooms inside a floor or room, from the ground up. */
export declare const rooms: Readonly<Record<string, readonly string[]>>
/** One sentence a broken rule; empty when the house is in order. */
export declare function floorProblems(file: string, text: string): string[]
/** One sentence a circle of files that import each other. */
export declare function circleProblems(graph: ReadonlyMap<string, ReadonlySet<string>>): string[]
