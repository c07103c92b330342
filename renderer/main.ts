import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './App.vue';
import { hostKey } from './host/client.ts';
import { connectToHost } from './host/connect.ts';
import { router } from './router.ts';
import './styles/index.css';

createApp(App).provide(hostKey, connectToHost()).use(createPinia()).use(router).mount('#app');
