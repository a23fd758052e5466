// Before the first paint: a chosen theme must not flash. What it means is in theme.ts.
document.documentElement.dataset['theme'] = localStorage.getItem('doorbell.theme') ?? 'system'
