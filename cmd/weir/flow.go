package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/server"
)

func (a *app) flow() *cobra.Command {
	return a.group("flow", a.flowLs(), a.flowValidate(), a.flowVerify(), a.flowTest(), a.flowAccess(), a.flowInfer(), a.flowImport(), a.flowPublish(), a.flowVersions(),
		a.flowExport(), a.flowDiff(), a.flowSwitch("start"), a.flowSwitch("stop"), a.flowEnable(), a.flowSwitch("disable"),
		a.flowSwitch("pause"), a.flowSwitch("unpause"), a.flowDrop(), a.flowNotify())
}

// read reads a file that a person named; "-" is the standard input.
func (a *app) read(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(a.stdin)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	return b, nil
}

// checkFlow returns all problems of a flow file as one error.
func checkFlow(doc []byte) error {
	_, problems := flows.Check(doc)
	return problems.Err()
}

func (a *app) flowLs() *cobra.Command {
	return a.verb("ls", 0, 0, func(c *cobra.Command, _ []string) error {
		return a.with(c.Context(), refuse, func(l *link) error {
			list, err := get[server.FlowList](c.Context(), l, at("flows"))
			if err != nil {
				return err
			}
			return a.answer(list, func() { a.showFlows(list.Flows) })
		})
	})
}

func (a *app) showFlows(list []server.FlowView) {
	if len(list) == 0 {
		a.print("flow none")
		return
	}
	t := &columns{}
	t.row(a.heads("flow", "version", "mode", "schedule", "status", "next", "name")...)
	for _, f := range list {
		version, schedule, next := "·", "·", "·"
		if f.Version > 0 {
			version = strconv.Itoa(int(f.Version))
		}
		if f.Draft {
			version += " + " + a.say("flow draft")
		}
		if s := f.Schedule; s != nil {
			when := s.At
			if s.Cron != "" {
				when = s.Cron
			}
			schedule = fmt.Sprintf("%s %s %s", s.Every, when, s.Zone)
		}
		if !f.Next.IsZero() {
			next = moment(f.Next, zoneNamed(f.Schedule)) + " (" + f.NextSlot + ")"
		}
		t.row(f.ID, version, orDefault(f.Mode, "·"), schedule, a.status(f), next, f.Name)
	}
	fmt.Fprint(a.stdout, t)
}

// status tells in words what is switched on.
func (a *app) status(f server.FlowView) string {
	switch {
	case f.Mode == string(flows.ModeContinuous) && f.Status.Started:
		return a.say("flow started")
	case f.Mode == string(flows.ModeContinuous):
		return a.say("flow stopped")
	case f.Status.Paused:
		return a.say("flow paused")
	case f.Status.Enabled:
		return a.say("flow enabled")
	case f.Schedule != nil:
		return a.say("flow schedule off")
	}
	return a.say("flow by hand")
}

func (a *app) flowValidate() *cobra.Command {
	return a.verb("validate FILE...", 1, -1, func(_ *cobra.Command, args []string) error {
		type file struct {
			File     string         `json:"file"`
			Valid    bool           `json:"valid"`
			Problems flows.Problems `json:"problems,omitempty"`
		}
		var all []file
		var errs []error
		for _, path := range args {
			b, err := a.read(path)
			if err != nil {
				return err
			}
			_, problems := flows.Check(b)
			all = append(all, file{path, len(problems) == 0, problems})
			errs = append(errs, problems.Err())
		}
		bad := errors.Join(errs...)
		if a.json && bad != nil {
			a.code = exitInvalid // the answer holds the problems
			bad = nil
		}
		err := a.answer(map[string]any{"files": all}, func() {
			for _, f := range all {
				key := "flow valid"
				if !f.Valid {
					key = "flow invalid"
				}
				a.print(key, "file", f.File, "count", len(f.Problems))
			}
		})
		return errors.Join(bad, err)
	})
}

func (a *app) flowInfer() *cobra.Command {
	var (
		write     bool
		sample    int
		params    []string
		paramFile string
	)
	c := a.opens(a.verb("infer FILE NODE", 2, 2, func(c *cobra.Command, args []string) error {
		doc, err := a.read(args[0])
		if err != nil {
			return err
		}
		f, err := flows.Parse(doc)
		if err != nil {
			return err
		}
		in := server.InferSchema{Doc: doc, Node: args[1], Sample: sample}
		if in.Params, err = readParams(params, paramFile); err != nil {
			return err
		}
		return a.with(c.Context(), borrow, func(l *link) error {
			found, err := post[server.Inferred](c.Context(), l, at("infer"), in)
			if err != nil {
				return err
			}
			for _, d := range found.Doubts {
				a.note("infer doubt", "what", d)
			}
			if write {
				if err := writeSetting(f, args[0], args[1], found.Property, json.RawMessage(found.Schema.String())); err != nil {
					return err
				}
				a.note("infer written", "file", args[0], "node", args[1], "property", found.Property, "count", len(found.Schema.Fields))
			}
			return a.answer(found, func() { fmt.Fprintln(a.stdout, found.Schema) })
		})
	}))
	c.Flags().BoolVar(&write, "write", false, "")
	c.Flags().IntVar(&sample, "sample", 1000, "")
	c.Flags().StringArrayVar(&params, "param", nil, "")
	c.Flags().StringVar(&paramFile, "params", "", "")
	return c
}

// writeSetting writes a setting of a node into a flow file, which it replaces
// as a whole by its canonical form.
func writeSetting(f *flows.Flow, path, node, property string, value json.RawMessage) error {
	n := f.Nodes[node]
	if n.Settings == nil {
		n.Settings = map[string]json.RawMessage{}
	}
	n.Settings[property] = value
	f.Nodes[node] = n
	doc, err := f.Canonical()
	if err != nil {
		return err
	}
	return replaceFile(path, doc)
}

// replaceFile writes a file under another name first, so that it is never half
// there.
func replaceFile(path string, b []byte) error {
	t, err := os.CreateTemp(filepath.Dir(path), ".weir-*")
	if err != nil {
		return fault.New("cli_file_unwritable", "file", path).Because(err).Permanent()
	}
	mode := os.FileMode(0o644)
	if st, err := os.Stat(path); err == nil {
		mode = st.Mode().Perm()
	}
	_, err = t.Write(b)
	err = errors.Join(err, t.Sync(), t.Chmod(mode), t.Close())
	if err == nil {
		err = os.Rename(t.Name(), path)
	}
	if err != nil {
		return errors.Join(fault.New("cli_file_unwritable", "file", path).Because(err).Permanent(), os.Remove(t.Name()))
	}
	return nil
}

func (a *app) flowImport() *cobra.Command {
	var draft bool
	c := a.verb("import FILE...", 1, -1, func(c *cobra.Command, args []string) error {
		docs := make([]json.RawMessage, len(args))
		for i, path := range args {
			b, err := a.read(path)
			if err == nil && !draft {
				err = checkFlow(b)
			}
			if err != nil {
				return err
			}
			docs[i] = b
		}
		return a.with(c.Context(), create, func(l *link) error {
			var all []*server.Published
			for _, doc := range docs {
				p, err := post[server.Published](c.Context(), l, at("flows"), server.ImportFlow{Doc: doc, Draft: draft})
				if err != nil {
					return err
				}
				all = append(all, p)
			}
			return a.answer(map[string]any{"flows": all}, func() {
				for _, p := range all {
					a.showPublished(p)
					a.showAccessShort(p.Access)
				}
			})
		})
	})
	c.Flags().BoolVar(&draft, "draft", false, "")
	return c
}

func (a *app) showPublished(p *server.Published) {
	if p.Version == 0 {
		a.print("flow drafted", "flow", p.Flow)
		return
	}
	a.print("flow published", "flow", p.Flow, "version", p.Version)
	a.showChanges(p.Changed)
}

func (a *app) showChanges(list []flows.Change) {
	for _, c := range list {
		fmt.Fprintf(a.stdout, "  - %s\n", c.Text(a.lang))
	}
}

func (a *app) flowPublish() *cobra.Command {
	return a.verb("publish FLOW", 1, 1, func(c *cobra.Command, args []string) error {
		return a.with(c.Context(), refuse, func(l *link) error {
			p, err := post[server.Published](c.Context(), l, at("flows", args[0], "publish"), nil)
			if err != nil {
				return err
			}
			return a.answer(p, func() { a.showPublished(p) })
		})
	})
}

func (a *app) flowVersions() *cobra.Command {
	return a.verb("versions FLOW", 1, 1, func(c *cobra.Command, args []string) error {
		return a.with(c.Context(), refuse, func(l *link) error {
			list, err := get[server.VersionList](c.Context(), l, at("flows", args[0], "versions"))
			if err != nil {
				return err
			}
			return a.answer(list, func() {
				t := &columns{}
				t.row(a.heads("version", "published", "by", "sha256")...)
				for _, v := range list.Versions {
					n := strconv.Itoa(int(v.Number))
					if v.AdHoc {
						n += " (" + a.say("flow ad hoc") + ")"
					}
					t.row(n, moment(v.Published, time.Local), orDefault(v.By, "·"), cut(v.Hash, 13))
				}
				fmt.Fprint(a.stdout, t)
			})
		})
	})
}

func (a *app) flowExport() *cobra.Command {
	var (
		version uint32
		draft   bool
		out     string
	)
	c := a.verb("export FLOW", 1, 1, func(c *cobra.Command, args []string) error {
		return a.with(c.Context(), refuse, func(l *link) error {
			path := query(at("flows", args[0]), "version", strconv.Itoa(int(version)))
			if draft {
				path = query(at("flows", args[0]), "draft", "true")
			}
			d, err := get[server.FlowDoc](c.Context(), l, path)
			if err != nil {
				return err
			}
			f, err := flows.Parse(d.Doc)
			if err != nil {
				return err
			}
			doc, err := f.Canonical()
			if err != nil {
				return err
			}
			if out != "" {
				return replaceFile(out, doc)
			}
			_, err = a.stdout.Write(doc)
			return err
		})
	})
	c.Flags().Uint32Var(&version, "version", 0, "")
	c.Flags().BoolVar(&draft, "draft", false, "")
	c.Flags().StringVarP(&out, "output", "o", "", "")
	return c
}

func (a *app) flowDiff() *cobra.Command {
	var from, to uint32
	c := a.verb("diff FLOW", 1, 1, func(c *cobra.Command, args []string) error {
		return a.with(c.Context(), refuse, func(l *link) error {
			d, err := get[server.Changes](c.Context(), l, query(at("flows", args[0], "diff"),
				"from", strconv.Itoa(int(from)), "to", strconv.Itoa(int(to))))
			if err != nil {
				return err
			}
			return a.answer(d, func() {
				if len(d.Changes) == 0 {
					a.print("flow same")
				}
				a.showChanges(d.Changes)
			})
		})
	})
	c.Flags().Uint32Var(&from, "from", 0, "")
	c.Flags().Uint32Var(&to, "to", 0, "")
	return c
}

// flowSwitch is a verb that switches something about a flow on or off.
func (a *app) flowSwitch(what string) *cobra.Command {
	return a.verb(what+" FLOW", 1, 1, func(c *cobra.Command, args []string) error {
		return a.with(c.Context(), refuse, func(l *link) error {
			s, err := post[server.Switched](c.Context(), l, at("flows", args[0], what), nil)
			if err != nil {
				return err
			}
			return a.answer(s, func() {
				a.print("flow is", "flow", s.Flow.ID, "status", a.status(s.Flow))
				if l.alone && what == "start" {
					a.print("flow once served")
				}
			})
		})
	})
}

func (a *app) flowDrop() *cobra.Command {
	return a.verb("drop FLOW CONNECTION", 2, 2, func(c *cobra.Command, args []string) error {
		return a.with(c.Context(), refuse, func(l *link) error {
			d, err := post[server.Dropped](c.Context(), l, at("flows", args[0], "connections", args[1], "drop"), nil)
			if err != nil {
				return err
			}
			return a.answer(d, func() { a.print("flow dropped", "flow", d.Flow, "connection", d.Conn, "count", d.Count) })
		})
	})
}

func (a *app) flowEnable() *cobra.Command {
	var in server.SwitchFlow
	c := a.verb("enable FLOW", 1, 1, func(c *cobra.Command, args []string) error {
		return a.with(c.Context(), refuse, func(l *link) error {
			s, err := post[server.Switched](c.Context(), l, at("flows", args[0], "enable"), in)
			if err != nil {
				return err
			}
			return a.answer(s, func() {
				a.print("flow is", "flow", s.Flow.ID, "status", a.status(s.Flow))
				if len(s.Slots) > 0 {
					key := "flow catches up"
					if in.DryRun {
						key = "flow would catch up"
					}
					a.print(key, "count", len(s.Slots), "first", s.Slots[0], "last", s.Slots[len(s.Slots)-1])
				}
				if !s.Flow.Next.IsZero() {
					a.print("flow next", "slot", s.Flow.NextSlot, "at", moment(s.Flow.Next, zoneNamed(s.Flow.Schedule)))
				}
				if l.alone && !in.DryRun {
					a.print("flow once served")
				}
			})
		})
	})
	c.Flags().IntVar(&in.CatchUp, "catch-up", 0, "")
	c.Flags().BoolVar(&in.DryRun, "dry-run", false, "")
	return c
}
