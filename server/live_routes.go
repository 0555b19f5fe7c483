package server

import (
	"github.com/weirflow/weir/engine"
	"github.com/weirflow/weir/web"
)

// liveRoutes are the operations on nodes, and what is shown live.
func (s *Server) liveRoutes(t *web.Table) {
	web.Handle(t, "POST /api/v1/flows/:flow/nodes/start", "Starts nodes of a continuous flow.", s.orderNodes(engine.StartNodes))
	web.Handle(t, "POST /api/v1/flows/:flow/nodes/stop", "Stops nodes of a continuous flow; sessions in hand finish.", s.orderNodes(engine.StopNodes))
	web.Handle(t, "POST /api/v1/flows/:flow/nodes/enable", "Lets disabled nodes be started again.", s.orderNodes(engine.EnableNodes))
	web.Handle(t, "POST /api/v1/flows/:flow/nodes/disable", "Stops nodes and keeps them from being started.", s.orderNodes(engine.DisableNodes))
	web.Handle(t, "POST /api/v1/flows/:flow/nodes/once", "Runs one session of each of some stopped nodes.", s.orderNodes(engine.RunOnce))
	web.Handle(t, "POST /api/v1/flows/:flow/nodes/:node/clear-state", "Forgets the state of a node that is not at work.", s.clearState)
	web.Handle(t, "GET /api/v1/flows/:flow/status", "Tells what the nodes and connections of a flow do, as a live snapshot.", s.flowStatus)
	web.Handle(t, "GET /api/v1/flows/:flow/history", "Tells the last 24 hours of a node or connection, by the minute.", s.flowHistory)
	web.Handle(t, "GET /api/v1/bulletins", "Lists what happened to nodes and runs that people should see.", s.listBulletins)
	web.Handle(t, "GET /api/v1/diagnostics", "Tells how the program does.", s.diagnostics)
	web.Upgrade(t, "GET /api/v1/live", "Shows flows at work over a websocket; its messages are live.ClientFrame and live.ServerFrame.", s.serveLive)
}
