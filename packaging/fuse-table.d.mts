export interface Fuse {
  readonly name: string
  readonly on: (platform: string) => boolean
  readonly why: string
}
export const fuses: readonly Fuse[]
