export const appId: string
export const executableName: string
export const fileTypes: readonly {
  readonly extension: string
  readonly mimeType: string
  readonly name: string
  readonly role: 'owner' | 'viewer'
}[]
