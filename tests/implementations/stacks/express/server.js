// All three parts with Express, served by the HTTP server that Node brings. With `stock`, Express's own pages are the refusals,
// and it replaces bytes that are not UTF-8.

import { timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import express from "express";

const { api_key: apiKey, nights, tasks } = JSON.parse(readFileSync(process.env.RECORDS, "utf8"));
const stock = process.argv.includes("stock");

const SESSION_ID = /^[0-9]{14}_[a-z0-9]{5}$/;
const TASK_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function withKey(request, response, next) {
  const given = Buffer.from(request.get("x-api-key") ?? "");
  const expected = Buffer.from(apiKey);
  if (given.length === expected.length && timingSafeEqual(given, expected)) next();
  else response.status(401).json({ detail: "The API key is missing or wrong" });
}

const refusal = (status, message) => Object.assign(new Error(message), { status });

// Returns a function that writes an instant with the offset of a time zone; null where there is no such time zone.
function writerFor(timeZone) {
  let format;
  try {
    format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
  } catch {
    return null;
  }
  const offset = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  return (text) => {
    const instant = new Date(text);
    const name = offset.formatToParts(instant).find((part) => part.type === "timeZoneName").value;
    return `${format.format(instant).replace(" ", "T")}${name.slice(3) || "+00:00"}`;
  };
}

function localised(part, write) {
  if (part === null) return null;
  const written = { ...part };
  for (const name of ["start_time", "end_time", "sleep_time", "wake_time"]) {
    if (part[name]) written[name] = write(part[name]);
  }
  return written;
}

const isText = (value) => typeof value === "string";
const isWhole = (value) => Number.isInteger(value);
const isNumber = (value) => typeof value === "number";
const isList = (value) => Array.isArray(value) && value.every(isWhole);
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const orNull = (is) => (value) => value === null || is(value);
const each = (is, names) => Object.fromEntries(names.split(" ").map((name) => [name, is]));
const hasShape = (value, shape) => isObject(value) && Object.entries(shape).every(([name, is]) => is(value[name]));

const NIGHT = {
  ...each(isText, "session_id state session_start_time session_end_time"),
  ...each(isList, "sleep_stages"),
  ...each(orNull(isList), "osa_stages"),
  ...each(isNumber, "sleep_efficiency"),
  ...each(isWhole, "time_in_wake time_in_sleep_period time_in_sleep time_in_bed"),
  ...each(orNull(isWhole), "sleep_latency wakeup_latency time_in_rem time_in_light time_in_deep"),
  ...each(orNull(isWhole), "time_in_stable_breath time_in_unstable_breath"),
  ...each(orNull(isNumber), "wake_ratio sleep_ratio rem_ratio light_ratio deep_ratio"),
  ...each(orNull(isNumber), "stable_breath_ratio unstable_breath_ratio estimated_ahi"),
  ...each(orNull(isText), "sleep_time wake_time breathing_pattern"),
};
const SHAPES = {
  INFERENCE_COMPLETE: {
    ...each(isText, "user_id session_id"),
    ...each(isWhole, "seq_num inference_seq_num"),
    ...each(isList, "stage_list"),
    ...each(orNull(isList), "osa_stage_list"),
  },
  SESSION_COMPLETE: { ...each(isText, "user_id session_id"), sleep_data: (value) => hasShape(value, NIGHT) },
};

const utf8 = new TextDecoder("utf-8", { fatal: true });
const json = stock ? express.json() : express.json({ verify: (_request, _response, body) => void utf8.decode(body) });

const app = express();
if (stock) app.set("env", "production"); // without a stack trace in the page, and none on the console
app.use(json);

app.get("/data/v2/sessions/:id", withKey, (request, response) => {
  const { id } = request.params;
  const user = request.get("x-user-id");
  const timezone = request.get("timezone") ?? "UTC";
  if (!user) return response.status(422).json({ detail: "Say who asks, in x-user-id" });
  if (!SESSION_ID.test(id)) throw refusal(422, `The format of sleep session id ${id} is not valid`);
  const write = writerFor(timezone);
  if (write === null) return response.status(400).json({ detail: "The invalid timezone is provided" });
  const night = nights[id];
  if (night?.user_id !== user) throw refusal(404, `Unable to find the sleep session of id ${id}`);
  const { session, stat, ...rest } = night.result;
  return response.json({
    detail: "ok",
    result: { ...rest, timezone, session: localised(session, write), stat: localised(stat, write) },
  });
});

app.get("/api/technology/time-analysis/:id", (request, response) => {
  const { id } = request.params;
  if (!TASK_ID.test(id)) {
    return response.status(422).json({ type: "request.validation-error", message: "Request validation error.", detail: [] });
  }
  const task = tasks[id.toLowerCase()];
  if (task === undefined) {
    const detail = [{ location: ["root"], message: "Task not found.", type: "task.not-found", context: { task_id: id } }];
    return response.status(404).json({ type: "resource.not-found", message: "Resource not found.", detail });
  }
  return response.json({ ...task, task: { ...task.task, task_id: id } });
});

app.post("/callback", withKey, (request, response) => {
  if (request.body === undefined) return response.status(400).json({ detail: "The body is not JSON" });
  const shape = SHAPES[request.body.callback_event];
  if (!shape || !hasShape(request.body.callback_data, shape)) {
    return response.status(422).json({ detail: "The body is not a callback" });
  }
  return response.sendStatus(204);
});

if (!stock) {
  app.use((_request, response) => response.status(404).json({ detail: "There is nothing here" }));
  app.use((error, _request, response, next) => {
    if (response.headersSent) next(error);
    else response.status(error.status ?? 500).json({ detail: error.status ? error.message : "It failed" });
  });
}

const server = app.listen(0, "127.0.0.1", () => console.log(server.address().port));
