import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './App.vue';
import { hostKey } from './host/client.ts';
import { connectToHost } from './host/connect.ts';
import { makeRouter } from './router.ts';
import './styles/index.css';

const host = connectToHost();
createApp(App).provide(hostKey, host).use(createPinia()).use(makeRouter()).mount('#app');
