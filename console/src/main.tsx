import '@mantine/core/styles.css';
import './base.css';
import { Loader, MantineProvider } from '@mantine/core';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { isPassing, Refused } from './api/ask';
import { restWhenLeft } from './api/rest';
import { followSession, SESSION_KEY, SessionProvider, useSessionQuery } from './api/session';
import { ignoreHeldEnter, keepFocus } from './parts/keys';
import { RefusalNote } from './parts/page';
import { router } from './router';
import { useInvitation } from './shell/invitation';
import { Entrance, Welcome } from './shell/login';
import { TextsProvider, useTexts } from './texts/texts';
import { theme, variables } from './theme';

/** A session that has ended is noticed by whatever was asked; the person logs in where it was. */
const noticeEnd = (error: unknown) => {
  if (!(error instanceof Refused)) return;
  if (error.refusal === 'not_authenticated') queries.setQueryData(SESSION_KEY, null);
  // In another tab someone has logged in anew.
  if (error.refusal === 'csrf_token_invalid') void queries.invalidateQueries({ queryKey: SESSION_KEY });
};

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticeEnd }),
  mutationCache: new MutationCache({ onError: noticeEnd }),
  defaultOptions: {
    // What a browser thinks of its network decides nothing: a question is asked, and fails where there is none.
    queries: {
      networkMode: 'always',
      refetchOnReconnect: true,
      retry: (count, error) => isPassing(error) && count < 2,
      // A page goes on by itself when the service answers again; not all at the same time.
      refetchInterval: ({ state }) => (isPassing(state.error) ? 3_000 + Math.random() * 2_000 : false),
      staleTime: 2_000,
    },
    // A change is asked once and at once; the person decides whether it is asked again. None waits for a network, and is sent later.
    mutations: { networkMode: 'always', retry: false },
  },
});
followSession(queries);
restWhenLeft();
ignoreHeldEnter();
keepFocus();

/** After an upgrade the files that an open page wants to load are gone: it is loaded anew, once. */
addEventListener('vite:preloadError', () => {
  if (sessionStorage.getItem('ringfence.reloaded') === document.baseURI) return;
  sessionStorage.setItem('ringfence.reloaded', document.baseURI);
  location.reload();
});

function Console() {
  const { data: session, error, isPending } = useSessionQuery();
  const { common } = useTexts();
  const { token, done } = useInvitation();
  const [firstName, setFirstName] = useState('');
  // Also where someone is logged in: the link may be another person's. A password that is set ends that person's sessions.
  if (token !== null) {
    const onDone = (name: string) => {
      setFirstName(name);
      void queries.invalidateQueries({ queryKey: SESSION_KEY });
      done();
    };
    return <Welcome token={token} onDone={onDone} onBack={done} />;
  }
  // The pages of another person begin anew.
  if (session) {
    return (
      <SessionProvider value={session}>
        <RouterProvider key={session.session_number} router={router} />
      </SessionProvider>
    );
  }
  if (session === null) return <Entrance firstName={firstName} />;
  return <main>{isPending ? <Loader m={24} aria-label={common.loading} /> : <RefusalNote error={error} />}</main>;
}

/** The styles that components write at run time carry the nonce of this answer: the Content-Security-Policy lets no others in. */
const nonce = () => document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.content ?? '';

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto" getStyleNonce={nonce}>
      <QueryClientProvider client={queries}>
        <TextsProvider>
          <Console />
        </TextsProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
