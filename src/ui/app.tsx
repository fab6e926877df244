import { Button, Center, Loader, MantineProvider, Stack } from '@mantine/core';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { Redirect, Route, Router, Switch, useLocation, useSearch } from 'wouter';
import { ApiError } from './api.js';
import { ErrorText } from './components/loaded.js';
import { Shell } from './components/shell.js';
import { AccessPage } from './pages/access.js';
import { AttributeDetailPage } from './pages/attribute-detail.js';
import { AttributesPage } from './pages/attributes.js';
import { AuditPage } from './pages/audit.js';
import { CollectorsPage } from './pages/collectors.js';
import { CostPage } from './pages/cost.js';
import { FindingDetailPage } from './pages/finding-detail.js';
import { FindingsPage } from './pages/findings.js';
import { NotFoundPage } from './pages/not-found.js';
import { OverviewPage } from './pages/overview.js';
import { PoliciesPage } from './pages/policies.js';
import { QualityPage } from './pages/quality.js';
import { ReportsPage } from './pages/reports.js';
import { RulesPage } from './pages/rules.js';
import { SignInPage } from './pages/sign-in.js';
import { SpanNamesPage } from './pages/span-names.js';
import { useSession } from './queries.js';
import { cssVariables, theme } from './theme.js';

const BASE = '/ui';
const RETRIES = 2;

const client = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, { queryKey }) => {
      if (queryKey[0] !== 'session') forgetSession(error);
    },
  }),
  mutationCache: new MutationCache({ onError: forgetSession }),
  defaultOptions: {
    queries: {
      networkMode: 'always',
      staleTime: 10_000,
      retry: (failures, error) => failures < RETRIES && !(error instanceof ApiError && isFinal(error.status)),
    },
    mutations: { networkMode: 'always' },
  },
});

/** Whether the same question would get the same answer. */
function isFinal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 429;
}

/** A session can end at any question; asking for it anew then leads to the sign-in page. */
function forgetSession(error: Error): void {
  if (isSignedOut(error)) void client.invalidateQueries({ queryKey: ['session'] });
}

function isSignedOut(error: Error | null): boolean {
  return error instanceof ApiError && error.status === 401;
}

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <Router base={BASE}>
          <Switch>
            <Route path="/sign-in" component={SignInPage} />
            <Route>
              <SignedIn />
            </Route>
          </Switch>
        </Router>
      </QueryClientProvider>
    </MantineProvider>
  );
}

function SignedIn() {
  const session = useSession();
  const [path] = useLocation();
  const search = useSearch();
  if (isSignedOut(session.error)) {
    const here = search === '' ? path : `${path}?${search}`;
    return <Redirect to={here === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(here)}`} replace />;
  }
  if (session.data !== undefined) return <Pages />;
  return (
    <Center h="100vh">
      {session.error === null ? (
        <Loader aria-label="Loading" />
      ) : (
        <Stack align="center" role="alert">
          <ErrorText error={session.error} />
          <Button variant="default" loading={session.isFetching} onClick={() => session.refetch()}>
            Try again
          </Button>
        </Stack>
      )}
    </Center>
  );
}

function Pages() {
  return (
    <Shell>
      <Switch>
        <Route path="/" component={OverviewPage} />
        <Route path="/findings" component={FindingsPage} />
        <Route path="/findings/:id">{({ id }) => <FindingDetailPage key={id} id={id} />}</Route>
        <Route path="/attributes" component={AttributesPage} />
        <Route path="/span-names" component={SpanNamesPage} />
        <Route path="/attributes/card" component={AttributeDetailPage} />
        <Route path="/quality" component={QualityPage} />
        <Route path="/cost" component={CostPage} />
        <Route path="/policies" component={PoliciesPage} />
        <Route path="/collectors" component={CollectorsPage} />
        <Route path="/reports" component={ReportsPage} />
        <Route path="/rules" component={RulesPage} />
        <Route path="/audit" component={AuditPage} />
        <Route path="/access" component={AccessPage} />
        <Route component={NotFoundPage} />
      </Switch>
    </Shell>
  );
}
