/** Under which resources say their environment, and said it before semantic conventions 1.27. */
export const ENVIRONMENT_KEYS = ['deployment.environment.name', 'deployment.environment'] as const;
