export { restartVisualizationJob } from './restart-visualization-job.js';
export { default } from './unknown-workflow-type.js';
