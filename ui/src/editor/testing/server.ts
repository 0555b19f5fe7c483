// A server for the editor's tests: it orders edits by revisions, answers 409 with
// what was missed, and can lose answers or be away.
import { Failure } from "../../api/client";
import type { Draft, Edit, FlowDoc } from "../../api/wire";
import { apply } from "../ops";
import type { Saver } from "../store";

export class TestServer {
  doc: FlowDoc;
  rev = 1;
  log: Edit[] = [];
  hearers = new Set<(e: Edit) => void>();
  /** away makes calls fail before they arrive; deaf loses the answers of calls that did. */
  away = false;
  deaf = false;
  /** refuse answers 400 to labels that it names. */
  refuse = new Set<string>();
  /** logFrom is the first revision that the log still has. */
  logFrom = 0;
  /** gate holds calls until it is opened. */
  gate: Promise<void> | undefined;
  calls = 0;

  constructor(doc: FlowDoc) {
    this.doc = structuredClone(doc);
  }

  draft(): Draft {
    return { flow: this.doc.id, rev: this.rev, doc: structuredClone(this.doc), problems: [], version: 0, differs: true, authors: ["ann"] };
  }

  save(who: string): Saver {
    return async (_, sent) => {
      const body = JSON.parse(JSON.stringify(sent)) as typeof sent;
      this.calls++;
      await this.gate;
      await Promise.resolve();
      if (this.away) throw new Failure(0, { code: "server_unreachable" });
      if (this.refuse.has(body.label)) throw new Failure(400, { code: "edit_refused" });
      if (body.base_rev !== this.rev) {
        if (body.base_rev < this.logFrom) throw new Failure(409, { code: "edit_moved", rev: this.rev, doc: structuredClone(this.doc) });
        throw new Failure(409, { code: "edit_moved", rev: this.rev, missed: structuredClone(this.log.filter((e) => e.rev > body.base_rev)) });
      }
      this.doc = apply(this.doc, body.ops).doc;
      const edit: Edit = { rev: ++this.rev, ops: body.ops, client: body.client, who, label: body.label, at: "" };
      this.log.push(edit);
      for (const hear of this.hearers) hear(structuredClone(edit));
      if (this.deaf) {
        this.deaf = false;
        throw new Failure(0, { code: "server_unreachable" });
      }
      return { rev: this.rev, problems: [], version: 0, differs: true };
    };
  }
}
