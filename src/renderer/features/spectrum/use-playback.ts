// Going through a list of places by itself: the next is fetched before it is shown, and shown no sooner than its time.
import { computed, onScopeDispose, ref, watch } from 'vue'

export interface PlaybackWish {
  readonly count: () => number
  readonly place: { value: number }
  /** Places a second. */
  readonly speed: () => number
  /** Resolves when the place can be shown without waiting; a failure shows it all the same, which says what is wrong. */
  readonly prepare: (place: number) => Promise<unknown>
}

export function usePlayback({ count, place, speed, prepare }: PlaybackWish) {
  const playing = ref(false)
  /** Of the playing that is under way: an older one ends at its next look. */
  let round = 0
  let wake: (() => void) | null = null
  const rest = (milliseconds: number) =>
    new Promise<void>((done) => {
      const timer = setTimeout(done, milliseconds)
      wake = () => {
        clearTimeout(timer)
        done()
      }
    })

  async function go(own: number) {
    const stopped = () => own !== round
    // From the end it begins anew.
    for (let next = place.value >= count() - 1 ? 0 : place.value + 1; next < count(); next = place.value + 1) {
      const begun = performance.now()
      await prepare(next).catch(() => undefined)
      if (stopped()) return
      await rest(Math.max(0, 1000 / speed() - (performance.now() - begun)))
      if (stopped()) return
      place.value = next
    }
    playing.value = false
  }
  watch(playing, (now) => {
    round++
    wake?.()
    if (now) void go(round)
  })
  onScopeDispose(() => {
    round++
    wake?.()
  })
  return { playing, toggle: () => (playing.value = !playing.value && count() > 1), canPlay: computed(() => count() > 1) }
}
