export interface WheelPin {
  readonly tags: readonly string[]
  readonly wheel: string
  readonly sha256: string
  readonly library: string
  /** The system whose wheel's licence files are carried along as well. */
  readonly licencesOf?: string
}
export interface WheelPins {
  readonly package: string
  readonly version: string
  readonly systems: Readonly<Record<string, WheelPin>>
}
/** What openblas.json holds. */
export interface OpenblasRecord {
  readonly system: string
  readonly version: string
  readonly file: string
  readonly wheel: string
  readonly sha256: string
  readonly librarySha256: string
  readonly licences: readonly string[]
}
export const pinned: WheelPins
export function unpackWheel(
  wheel: Uint8Array,
  library: string
): { readonly libraries: Record<string, Uint8Array>; readonly licences: Record<string, Uint8Array> }
export function fetchOpenblas(options: {
  readonly platform: string
  readonly arch: string
  readonly into: string
  readonly pins?: WheelPins
  readonly download?: (pins: WheelPins, pin: WheelPin) => Uint8Array | Promise<Uint8Array>
}): Promise<OpenblasRecord & { readonly fetched: boolean }>
