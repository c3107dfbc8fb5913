/**
 * Switches off the telemetry of ONNX Runtime. From 1.30 on, it reports usage to its maker by default and keeps a
 * device id on disk. A plant's process must not report to anyone. The library reads these variables when it is first
 * loaded, so import this module before it. It reads them from the environment of the process, which a worker thread
 * cannot set, so a module that starts a worker imports this one too.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';
process.env['ORT_TELEMETRY_DISABLED'] = '1';
