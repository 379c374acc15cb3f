// Starts the page: theme, connection, screens.
import { entryToken, takeToken } from './app/entry-token'
import { createApp } from 'vue'
import './ui/tokens.css'
import './ui/base.css'
import './ui/overlays.css'
import App from './app/App.vue'
import { redeemToken } from './app/connect'
import { startData } from './app/data'
import { startAtDemonstration } from './app/first-start'
import { startJobs } from './app/jobs'
import { startOpening } from './app/open'
import { loadScreens, router } from './app/router'
import { startRuns } from './app/runs'
import { startSettings } from './app/settings'
import { startStudies } from './app/studies'
import { startTheme } from './app/theme'

startTheme()
await redeemToken(entryToken)
// A new link opened in the same tab changes only the hash.
window.addEventListener(
  'hashchange',
  (event) => {
    const token = takeToken()
    if (!token) return
    event.stopImmediatePropagation()
    void redeemToken(token)
  },
  { capture: true }
)
// A page that stayed open while the program was renewed asks for parts that are gone: it loads itself anew, once a minute at most. Not while
// nobody answers: there would be no page afterwards.
window.addEventListener('vite:preloadError', () => {
  const key = 'saddlescope.reloaded'
  if (Date.now() - Number(sessionStorage.getItem(key) ?? 0) < 60_000) return
  void fetch(location.pathname, { cache: 'no-store' }).then(
    () => {
      sessionStorage.setItem(key, String(Date.now()))
      location.reload()
    },
    () => undefined
  )
})
startData()
startRuns()
startStudies()
startSettings()
startJobs()
const app = createApp(App).use(router)
// Shown together with its first screen: until then the router does not hear of other addresses.
await router.isReady().catch(() => undefined)
app.mount('#app')
startAtDemonstration(router)
startOpening()
void loadScreens()
