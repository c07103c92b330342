import { app, shell, type Session, type WebContents } from 'electron';
import { isOurs, scheme } from './origin.ts';

/** What our own pages may do beyond drawing: tell that a run ended, and copy text that the user chose to copy. */
const granted: readonly string[] = ['notifications', 'clipboard-sanitized-write'];

/** Refuses every permission and device except what our own pages need, and every address but our own. */
export function restrictSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, decide, { requestingUrl }) =>
    decide(granted.includes(permission) && isOurs(requestingUrl)),
  );
  session.setPermissionCheckHandler(
    (_contents, permission, requestingOrigin) => granted.includes(permission) && isOurs(requestingOrigin),
  );
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest(({ url }, decide) =>
    decide({ cancel: !/^(devtools|blob|data):/.test(url) && !(url.startsWith(`${scheme}:`) && isOurs(url)) }),
  );
}

/** Keeps every page, whoever made it, where it is: no other windows, no navigation, no embedded pages. */
export function restrictContents(): void {
  app.on('web-contents-created', (_event, contents: WebContents) => {
    contents.setWindowOpenHandler(({ url }) => {
      openExternally(url);
      return { action: 'deny' };
    });
    const stay = (event: { preventDefault(): void; url: string }) => {
      if (!isOurs(event.url)) event.preventDefault();
    };
    contents.on('will-navigate', stay);
    contents.on('will-frame-navigate', stay);
    contents.on('will-redirect', stay);
    contents.on('will-attach-webview', (event) => event.preventDefault());
  });
}

/** Papers and documentation open in the user's browser; anything but https stays closed. */
function openExternally(url: string): void {
  if (URL.canParse(url) && new URL(url).protocol === 'https:') void shell.openExternal(url);
}
