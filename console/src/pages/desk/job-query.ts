export const JOBS_KEY = ['desk', 'jobs'] as const;
export const jobKey = (job: number) => ['desk', 'job', job] as const;
