package server

import (
	"time"

	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/web"
)

// routes fills the table of operations: all that the command line, and later
// the canvas, can ask of the program.
func (s *Server) routes() {
	t := &s.table
	s.sessionRoutes(t)
	s.liveRoutes(t)
	web.Handle(t, "GET /api/v1/about", "Tells what runs here.", s.about)
	web.Handle(t, "GET /api/v1/kinds", "Lists the kinds of processors and services.", s.listKinds)
	web.Handle(t, "POST /api/v1/infer", "Asks a source of a flow file for its schema.", s.infer, web.Unaudited)
	web.Handle(t, "POST /api/v1/suggest", "Asks a node what one of its properties may be.", s.suggest, web.Unaudited)
	web.Handle(t, "POST /api/v1/schedule/preview", "Tells when a schedule that is being written would fire next.", s.previewSchedule, web.Unaudited)
	web.Handle(t, "POST /api/v1/demo", "Imports the example flows; a sandbox must be there.", s.loadExamples)
	web.Handle(t, "POST /api/v1/setup/script", "Writes the script that prepares a project at Google; it is not run.", s.setupScript, web.Unaudited)
	web.Handle(t, "POST /api/v1/setup/checks", "Makes a flow whose verification tries a project at Google.", s.setupChecks, web.Unaudited)
	web.Handle(t, "POST /api/v1/setup/find", "Asks a project at Google what there is.", s.setupFind, web.Unaudited)
	web.Handle(t, "POST /api/v1/setup/flow", "Makes the flow of a project at Google, as a draft.", s.setupFlow)
	web.Handle(t, "POST /api/v1/backup", "Copies the data directory as of one commit.", s.backup)

	web.Handle(t, "GET /api/v1/secrets", "Lists the names of the secrets.", s.listSecrets)
	web.Handle(t, "PUT /api/v1/secrets/:name", "Seals a secret.", s.setSecret)
	web.Handle(t, "DELETE /api/v1/secrets/:name", "Removes a secret.", s.removeSecret)

	web.Handle(t, "GET /api/v1/flows", "Lists the flows.", s.listFlows)
	web.Handle(t, "POST /api/v1/flows", "Imports a flow file.", s.importFlow)
	web.Handle(t, "POST /api/v1/flows/preview", "Tells what importing a flow file would do.", s.previewFlow, web.Unaudited)
	web.Handle(t, "POST /api/v1/flows/verify", "Tries a flow's settings against the services; nothing runs.", s.verifyFlow, web.Unaudited)
	web.Handle(t, "POST /api/v1/flows/access", "Tells what a flow may touch.", s.accessFlow, web.Unaudited)
	web.Handle(t, "GET /api/v1/flows/:flow", "Returns a flow file.", s.getFlow)
	web.Handle(t, "DELETE /api/v1/flows/:flow", "Deletes a flow that holds nothing, or drops what it holds.", s.deleteFlow)
	web.Raw(t, "GET /api/v1/flows/:flow/file", "Returns a flow file, byte by byte as it is stored.", s.flowFile)
	web.Handle(t, "GET /api/v1/flows/:flow/draft", "Returns the draft, its revision and its problems.", s.getDraft)
	web.Handle(t, "POST /api/v1/flows/:flow/edit", "Changes the draft by operations made of one of its revisions.", s.editFlow)
	web.Handle(t, "POST /api/v1/flows/:flow/rollback", "Makes an earlier version the draft.", s.rollBack)
	web.Handle(t, "POST /api/v1/flows/:flow/duplicate", "Makes a new flow of the draft of another.", s.duplicateFlow)
	web.Handle(t, "POST /api/v1/flows/:flow/publish", "Makes the draft the version in force.", s.publishFlow)
	web.Handle(t, "GET /api/v1/flows/:flow/versions", "Lists the published versions.", s.listVersions)
	web.Handle(t, "GET /api/v1/flows/:flow/diff", "Tells what changed between two versions.", s.diffFlow)
	web.Handle(t, "POST /api/v1/flows/:flow/enable", "Lets the schedule make runs.", s.enableFlow)
	web.Handle(t, "POST /api/v1/flows/:flow/disable", "Keeps the schedule from making runs.",
		s.switchFlow(func(st *runs.FlowStatus, _ *SwitchFlow, _ time.Time) { st.Enabled, st.CatchUp = false, 0 }))
	web.Handle(t, "POST /api/v1/flows/:flow/pause", "Keeps scheduled runs queued.",
		s.switchFlow(func(st *runs.FlowStatus, _ *SwitchFlow, _ time.Time) { st.Paused = true }))
	web.Handle(t, "POST /api/v1/flows/:flow/unpause", "Admits queued runs again.",
		s.switchFlow(func(st *runs.FlowStatus, _ *SwitchFlow, _ time.Time) { st.Paused = false }))
	web.Handle(t, "POST /api/v1/flows/:flow/backfill", "Makes a run of each slot of a range, the oldest first.", s.backfill)
	web.Handle(t, "POST /api/v1/flows/:flow/start", "Starts a continuous flow.", s.startFlow)
	web.Handle(t, "POST /api/v1/flows/:flow/stop", "Stops a continuous flow.", s.stopFlow)
	web.Handle(t, "POST /api/v1/flows/:flow/notify", "Sends a test message to whom the flow tells of its runs.", s.testNotify)
	web.Handle(t, "POST /api/v1/flows/:flow/connections/:conn/drop", "Gives up what lies on a connection of a continuous flow.", s.dropConnection)

	const queue = "/api/v1/flows/:flow/connections/:conn/queue"
	web.Handle(t, "GET "+queue, "Lists FlowFiles of a queue, from anywhere in it.", s.listQueue)
	web.Handle(t, "GET "+queue+"/:id", "Shows a FlowFile in a queue and what happened to it.", s.showQueued)
	web.Raw(t, "GET "+queue+"/:id/content", "Returns the content of a FlowFile in a queue, or a range of it.", s.queuedContent)
	web.Handle(t, "GET "+queue+"/:id/records", "Returns records of a FlowFile in a queue.", s.queuedRecords)
	web.Handle(t, "GET "+queue+"/:id/summary", "Tells what the columns of a FlowFile in a queue hold.", s.summarizeQueued)
	web.Handle(t, "DELETE "+queue+"/:id", "Deletes a FlowFile from a queue.", s.dropQueued)
	web.Handle(t, "POST "+queue+"/sql", "Runs a SELECT over records in a queue.", s.queryQueue, web.Unaudited)
	web.Handle(t, "POST "+queue+"/empty", "Begins to delete all that lies in a queue.", s.emptyQueue)
	web.Handle(t, "GET /api/v1/jobs/:id", "Shows a job.", s.showJob)
	web.Handle(t, "DELETE /api/v1/jobs/:id", "Cancels a job.", s.cancelJob)

	web.Handle(t, "GET /api/v1/flows/:flow/nodes/:node/runs", "Lists the newest runs of a node: how it did in each.", s.nodeRuns)
	web.Handle(t, "POST /api/v1/runs", "Starts a run.", s.startRun)
	web.Handle(t, "GET /api/v1/runs", "Lists runs, newest first.", s.listRuns)
	web.Handle(t, "GET /api/v1/runs/:run", "Shows a run: balance, receipts, what it waits for.", s.showRun)
	web.Handle(t, "GET /api/v1/runs/:run/wait", "Waits for a run's end.", s.waitRun)
	web.Handle(t, "GET /api/v1/runs/:run/history", "Lists a run's transitions.", s.runHistory)
	web.Stream(t, "GET /api/v1/runs/:run/logs", "Returns a run's log as JSON lines.", "application/x-ndjson", s.runLogs)
	web.Handle(t, "GET /api/v1/runs/:run/logs/page", "Returns lines of a run's log from a position on, to follow it by.", s.runLogPage)
	web.Handle(t, "POST /api/v1/runs/:run/sql", "Runs a SELECT over the CSV files that a run wrote.", s.queryRun, web.Unaudited)
	web.Handle(t, "GET /api/v1/runs/:run/outputs", "Lists what a run wrote and where it is now.", s.runOutputs)
	web.Raw(t, "GET /api/v1/runs/:run/outputs/:node/content", "Returns a file that a run wrote, or a range of it.", s.outputContent)
	web.Handle(t, "GET /api/v1/runs/:run/outputs/:node/records", "Returns the first records of a file that a run wrote.", s.outputRecords)
	web.Handle(t, "POST /api/v1/runs/:run/cancel", "Cancels a run.", s.cancelRun)
	web.Handle(t, "POST /api/v1/runs/:run/resume", "Takes a failed run up again.", s.resumeRun)
	web.Handle(t, "POST /api/v1/runs/:run/rerun", "Runs the slot anew.", s.rerunRun)
	web.Handle(t, "POST /api/v1/runs/:run/nodes/:node/terminate", "Gives up a node's hung tasks.", s.terminateNode)

	web.Handle(t, "GET /api/v1/runs/:run/parked", "Lists parked FlowFiles.", s.listParked)
	web.Handle(t, "GET /api/v1/runs/:run/parked/:id", "Shows a parked FlowFile.", s.showParked)
	web.Raw(t, "GET /api/v1/runs/:run/parked/:id/content", "Returns a parked FlowFile's content, or a range of it.", s.parkedContent)
	web.Handle(t, "GET /api/v1/runs/:run/parked/:id/records", "Returns records of a parked FlowFile.", s.parkedRecords)
	web.Handle(t, "GET /api/v1/runs/:run/parked/:id/summary", "Tells what the columns of a parked FlowFile hold.", s.summarizeParked)
	web.Handle(t, "POST /api/v1/runs/:run/parked/:id/attributes", "Changes attributes of a parked FlowFile.", s.editParked)
	web.Handle(t, "POST /api/v1/runs/:run/parked/retry", "Puts parked FlowFiles back on their connections.", s.retryParked)
	web.Handle(t, "POST /api/v1/runs/:run/parked/discard", "Gives parked FlowFiles up, counted as rejected.", s.discardParked)
}
