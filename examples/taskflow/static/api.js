/** TaskFlow's REST API. Every error is one sentence for whoever looks at the page. */

/**
 * @typedef {"pending" | "in_progress" | "review" | "completed"} Status
 * @typedef {{id: number, name: string, counts: Record<Status, number>}} Project
 * @typedef {{id: number, title: string, description: string, status: Status, priority: "low" | "medium" | "high",
 *   due: string | null, tags: string[], assignee: string | null, progress: number, recurrence: string}} Task
 * @typedef {{id: number, at: string, actor: string, via: string, action: string}} Entry
 * @typedef {"start" | "request-review" | "complete" | "reject" | "reopen"} Move
 */

const AWAY = "TaskFlow cannot be reached at the moment.";

export class Api {
  /** @param {typeof globalThis.fetch} request */
  constructor(request) {
    this.request = request;
  }

  /** @returns {Promise<Project[]>} */
  async projects() {
    return (await this.send("GET", "projects")).projects;
  }

  /** @param {string} name @returns {Promise<Project>} */
  async addProject(name) {
    return (await this.send("POST", "projects", { name })).project;
  }

  /**
   * The tasks in a state, and how many there are in all.
   * @param {number} project @param {Status} status
   * @returns {Promise<{tasks: Task[], total: number}>}
   */
  async tasks(project, status) {
    const sort = status === "completed" ? "created" : "due";
    return await this.send("GET", `projects/${project}/tasks?status=${status}&sort=${sort}&limit=50`);
  }

  /** @param {number} project @param {number} id @returns {Promise<Task>} */
  async task(project, id) {
    return (await this.send("GET", `projects/${project}/tasks/${id}`)).task;
  }

  /**
   * Adds a task; once, however often it is asked for under the same id.
   * @param {number} project @param {string} title @param {string} requestId @returns {Promise<Task>}
   */
  async addTask(project, title, requestId) {
    return (await this.send("POST", `projects/${project}/tasks`, { title, request_id: requestId })).task;
  }

  /** @param {number} project @param {number} id @param {Move} move @returns {Promise<Task>} */
  async move(project, id, move) {
    return (await this.send("POST", `projects/${project}/tasks/${id}/${move}`)).task;
  }

  /** @param {number} project @param {number} id @returns {Promise<Entry[]>} */
  async history(project, id) {
    return (await this.send("GET", `projects/${project}/audit?task_id=${id}&limit=20`)).entries;
  }

  /** @param {string} method @param {string} path @param {object} [body] */
  async send(method, path, body) {
    const content = body
      ? { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }
      : {};
    const response = await this.request(`api/${path}`, { method, ...content }).catch(() => null);
    if (response === null) throw new Error(AWAY);
    const answer = await response.json().catch(() => null);
    if (response.ok && answer !== null) return answer;
    throw new Error(answer?.detail ?? AWAY);
  }
}
