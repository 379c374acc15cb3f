// The first start opens on the run that trains: a workspace that was empty has nothing else to show.
import { watch } from 'vue'
import type { Router } from 'vue-router'
import { call } from './data'
import { openedAnywhere } from './entry-token'
import { runList } from './runs'

/** From the list to the demonstration, while that is all there is and the person has gone nowhere else. An address that names a screen is kept. */
export function startAtDemonstration(router: Router) {
  if (!openedAnywhere) return
  let asking = false
  const isOver = () => router.currentRoute.value.path !== '/' || runList.value.length > 1
  const look = async () => {
    if (isOver()) return end()
    const [only] = runList.value
    // The run may be heard of before the workbench knows that it is the demonstration: the next news of it asks again.
    if (!only || asking) return
    asking = true
    const demonstration = await call('app.info', {}).then(
      (info) => info.demonstration,
      () => null
    )
    asking = false
    if (isOver() || demonstration !== only.id) return
    end()
    void router.replace(`/run/${only.id}`)
  }
  const end = watch([runList, router.currentRoute], () => void look())
  void look()
}
