import { createRouter, createWebHashHistory } from 'vue-router';

/**
 * Every view has an address, with its state in the query, so that any of them can be linked to. Reads the address at
 * once, so the link's token must have been taken out of it before.
 */
export const makeRouter = () =>
  createRouter({
    history: createWebHashHistory(),
    routes: [
      { path: '/', redirect: '/runs' },
      { path: '/runs', name: 'runs', component: () => import('./views/runs/RunsView.vue') },
      { path: '/runs/:id', name: 'run', component: () => import('./views/run/RunView.vue'), props: true },
      {
        path: '/runs/:id/masks',
        name: 'masks',
        component: () => import('./views/inspector/InspectorView.vue'),
        props: true,
      },
      { path: '/compare', name: 'compare', component: () => import('./views/compare/CompareView.vue') },
      { path: '/new', name: 'new', component: () => import('./views/new-run/NewRunView.vue') },
      { path: '/datasets', name: 'datasets', component: () => import('./views/datasets/DatasetsView.vue') },
      { path: '/settings', name: 'settings', component: () => import('./views/settings/SettingsView.vue') },
      { path: '/gallery', name: 'gallery', component: () => import('./views/gallery/GalleryView.vue') },
      { path: '/:path(.*)*', name: 'missing', component: () => import('./views/MissingView.vue') },
    ],
  });
