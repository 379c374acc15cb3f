// The screens and their addresses. The address holds the view, so back, reload and a sent link all work.
import { createRouter, createWebHashHistory } from 'vue-router'
import { notify } from '../ui/toasts'

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/', name: 'runs', component: () => import('../features/runs/RunsScreen.vue'), meta: { title: 'Runs' } },
    { path: '/new', name: 'new', component: () => import('../features/new-run/NewRunScreen.vue'), meta: { title: 'New run' } },
    { path: '/run/:id/:tab?', name: 'run', component: () => import('../features/run/RunScreen.vue'), meta: { title: 'Run' } },
    { path: '/model', name: 'model', component: () => import('../features/model/ModelScreen.vue'), meta: { title: 'Network' } },
    { path: '/compare', name: 'compare', component: () => import('../features/compare/CompareScreen.vue'), meta: { title: 'Compare' } },
    { path: '/studies', name: 'studies', component: () => import('../features/studies/StudiesScreen.vue'), meta: { title: 'Studies' } },
    {
      path: '/studies/new',
      name: 'new-study',
      component: () => import('../features/studies/NewStudyScreen.vue'),
      meta: { title: 'New study' }
    },
    { path: '/study/:id', name: 'study', component: () => import('../features/studies/StudyScreen.vue'), meta: { title: 'Study' } },
    { path: '/queue', name: 'queue', component: () => import('../features/queue/QueueScreen.vue'), meta: { title: 'Queue' } },
    { path: '/trash', name: 'trash', component: () => import('../features/trash/TrashScreen.vue'), meta: { title: 'Trash' } },
    {
      path: '/snapshots',
      name: 'snapshots',
      component: () => import('../features/snapshots/SnapshotsScreen.vue'),
      meta: { title: 'Snapshots' }
    },
    {
      path: '/analyses',
      name: 'analyses',
      component: () => import('../features/analyses/AnalysesScreen.vue'),
      meta: { title: 'Analyses' }
    },
    {
      path: '/datasets',
      name: 'datasets',
      component: () => import('../features/datasets/DatasetsScreen.vue'),
      meta: { title: 'Datasets' }
    },
    {
      path: '/playground',
      name: 'playground',
      component: () => import('../features/playground/PlaygroundScreen.vue'),
      meta: { title: 'Playground' }
    },
    {
      path: '/settings',
      name: 'settings',
      component: () => import('../features/settings/SettingsScreen.vue'),
      meta: { title: 'Settings' }
    },
    { path: '/gallery', name: 'gallery', component: () => import('../features/gallery/GalleryScreen.vue'), meta: { title: 'Components' } },
    { path: '/:rest(.*)*', name: 'missing', component: () => import('../features/MissingScreen.vue'), meta: { title: 'Not found' } }
  ]
})

/** Fetches what every screen is made of, so that each opens also while the server is away. */
export async function loadScreens() {
  for (const { components } of router.getRoutes()) {
    const screen: unknown = components?.default
    if (typeof screen === 'function') await (screen as () => Promise<unknown>)().catch(() => undefined)
  }
}

router.onError(() =>
  notify('This screen could not be loaded: the workbench does not answer. Try again when the connection is back.', { tone: 'bad' })
)

router.afterEach((to) => {
  document.title = `${String(to.meta.title ?? '')} – Saddlescope`
})
