// The guide of the first ten minutes: on which run its sentences stand, and whether they were closed for good. Kept in the workspace's settings.
import { z } from 'zod'

export const guideSetting = 'guide'

const guideSchema = z.object({ run: z.string(), closed: z.boolean() })
export type Guide = z.output<typeof guideSchema>

/** What the settings say of it; null before the first start, or where they say something else. */
export function guideOf(settings: Readonly<Record<string, unknown>> | undefined): Guide | null {
  const read = guideSchema.safeParse(settings?.[guideSetting])
  return read.success ? read.data : null
}
