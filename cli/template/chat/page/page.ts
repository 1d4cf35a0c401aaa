import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { element } from './element.ts';
import { App } from './chat.tsx';

createRoot(element('root')).render(createElement(App));
