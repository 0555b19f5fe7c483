package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/setup"
)

func (a *app) setup() *cobra.Command { return a.group("setup", a.setupGoogle()) }

func (a *app) setupGoogle() *cobra.Command {
	var s setup.Google
	c := a.verb("google", 0, 0, func(*cobra.Command, []string) error {
		if err := s.Check(); err != nil {
			return err
		}
		s.Gather(processors.Kinds())
		text, err := s.Script(a.lang)
		if err != nil {
			return err
		}
		return a.answer(map[string]any{"script": text}, func() { fmt.Fprint(a.stdout, text) })
	})
	f := c.Flags()
	f.StringVar(&s.Project, "project", "", "")
	f.StringVar(&s.Property, "property", "", "")
	f.StringVar(&s.Dataset, "dataset", "", "")
	f.StringVar(&s.Location, "location", "", "")
	f.StringVar(&s.Name, "service-account", setup.DefaultName, "")
	return c
}
