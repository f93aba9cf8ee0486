// The chains of links that a plan may name.
"use strict";

// A logger that keeps what it is given of each call.
function logger(log) {
  return ({ direction, type, path, result }) => {
    const failed = direction === "down" ? result instanceof Error : undefined;
    log({ direction, type, path, failed });
  };
}

exports.chain = function ({ trpc, packages, plan, fetch, log }) {
  const { url, headers = {}, options = {}, connectionParams } = plan;
  const http = { url, headers, fetch, ...options };
  const subscriptions = () => {
    const { EventSource } = packages("eventsource");
    // An EventSource cannot set headers; this one lets its fetch do it, as one for programs may.
    const eventSourceOptions = {
      fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, ...headers } }),
    };
    return trpc.httpSubscriptionLink({ url, EventSource, eventSourceOptions, connectionParams });
  };
  const split = (condition, yes, no) => trpc.splitLink({ condition, true: yes, false: no });
  const isSubscription = (op) => op.type === "subscription";
  const isForm = (op) => op.input instanceof FormData;
  const known = {
    httpLink: () => [trpc.httpLink(http)],
    httpBatchLink: () => [trpc.httpBatchLink(http)],
    httpBatchStreamLink: () => [(trpc.httpBatchStreamLink ?? trpc.unstable_httpBatchStreamLink)(http)],
    httpSubscriptionLink: () => [subscriptions()],
    loggerLink: () => [trpc.loggerLink({ logger: logger(log), enabled: () => true }), trpc.httpBatchLink(http)],
    retryLink: () => [
      trpc.retryLink({ retry: ({ error, attempts }) => error.data?.code === "SERVICE_UNAVAILABLE" && attempts < 5 }),
      trpc.httpLink(http),
    ],
    splitByKind: () => [split((op) => op.type === "mutation", trpc.httpLink(http), trpc.httpBatchLink(http))],
    // Each call over the link that can carry it.
    splitLink: () => [
      split(isSubscription, subscriptions(), [
        split(
          (op) => trpc.isNonJsonSerializable(op.input),
          trpc.httpLink(http),
          trpc.httpBatchLink(http),
        ),
      ]),
    ],
    formDataLink: () => [split(isForm, trpc.experimental_formDataLink(http), trpc.httpBatchLink(http))],
  };
  return known[plan.link]();
};
