import '@mantine/core/styles.css';
import './base.css';
import { MantineProvider } from '@mantine/core';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { isPassing, Refused } from './api/ask';
import { SESSION_KEY, useSessionQuery } from './api/session';
import { RefusalNote } from './parts/page';
import { router } from './router';
import { Entrance } from './shell/login';
import { TextsProvider } from './texts/texts';
import { theme, variables } from './theme';

/** A session that has ended is noticed by whatever was asked; the person logs in where it was. */
const noticeEnd = (error: unknown) => {
  if (error instanceof Refused && error.refusal === 'not_authenticated') queries.setQueryData(SESSION_KEY, null);
};

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticeEnd }),
  mutationCache: new MutationCache({ onError: noticeEnd }),
  defaultOptions: {
    queries: { retry: (count, error) => isPassing(error) && count < 3, staleTime: 2_000 },
    // A change is asked once; the person decides whether it is asked again.
    mutations: { retry: false },
  },
});

function Console() {
  const { data: session, error, isPending } = useSessionQuery();
  if (session) return <RouterProvider router={router} />;
  if (isPending) return null;
  return session === null ? <Entrance /> : <RefusalNote error={error} />;
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
