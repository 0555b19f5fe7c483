package all_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
	_ "github.com/weirflow/weir/processors/all"
	"github.com/weirflow/weir/runs"
)

// TestKindsObeyTheirLaws keeps the class of each kind from changing by accident:
// what a run's balance says hangs on it.
func TestKindsObeyTheirLaws(t *testing.T) {
	for kind, law := range map[string]runs.Law{
		"GenerateFlowFile": runs.LawSource, "UpdateAttribute": runs.LawMap, "RouteOnAttribute": runs.LawFilter, "LogAttribute": runs.LawMap,
		"ReadFile": runs.LawSource, "FetchFile": runs.LawSource, "ListFile": runs.LawSource, "WriteFile": runs.LawSink, "WriteCSV": runs.LawSink,
		"ReadFirestore": runs.LawSource, "ReadGA4": runs.LawSource, "LoadBigQuery": runs.LawSink, "JoinRecords": runs.LawJoin,
	} {
		info, ok := processors.Lookup(kind)
		if !ok {
			t.Errorf("there is no kind %s", kind)
			continue
		}
		if info.Law != law {
			t.Errorf("%s obeys the law %s, want %s", kind, info.Law, law)
		}
		if info.Sink != (law == runs.LawSink) {
			t.Errorf("%s: sink = %t", kind, info.Sink)
		}
	}
}

// TestKindsShareAWayToRefuse holds the reject outputs to names that people learn
// once.
func TestKindsShareAWayToRefuse(t *testing.T) {
	names := []string{"failure", "rejected"}
	for _, k := range processors.Kinds() {
		for _, o := range k.Outputs {
			if o.Class.String() == "rejected" && !slices.Contains(names, string(o.Name)) {
				t.Errorf("%s rejects to %s, want one of %v", k.Kind, o.Name, names)
			}
		}
	}
}

func TestKindsHavePages(t *testing.T) {
	for _, k := range append(processors.Kinds(), processors.ServiceKinds()...) {
		for _, lang := range []fault.Lang{fault.English, fault.Korean} {
			var page, text bytes.Buffer
			if err := processors.Markdown(&page, k, lang); err != nil {
				t.Error(err)
			}
			if err := processors.Text(&text, k, lang); err != nil {
				t.Error(err)
			}
			for _, p := range k.Properties {
				if !bytes.Contains(page.Bytes(), []byte(p.Key)) || !bytes.Contains(text.Bytes(), []byte(p.Key)) {
					t.Errorf("the reference of %s in %s does not name %s", k.Kind, lang, p.Key)
				}
			}
		}
	}
}
