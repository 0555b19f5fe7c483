package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/server"
)

// flowNotify sends a test message to whom a flow tells of its runs.
func (a *app) flowNotify() *cobra.Command {
	return a.verb("notify FLOW", 1, 1, func(c *cobra.Command, args []string) error {
		return a.with(c.Context(), refuse, func(l *link) error {
			out, err := post[server.TestedNotices](c.Context(), l, at("flows", args[0], "notify"), nil)
			if err != nil {
				return err
			}
			return a.answer(out, func() { a.print("flow notified", "flow", args[0], "secrets", strings.Join(out.Sent, ", ")) })
		})
	})
}
