package processorstest

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestGoodKindsConform(t *testing.T) {
	t.Run("map", func(t *testing.T) {
		Conform(t, "TestUpper", Settings{"suffix": "!"}, func(r *Runner) {
			r.Put("a").Put(repeat("b", 1000)).Put("")
		})
	})
	t.Run("source", func(t *testing.T) { Conform(t, "TestCount", nil, nil) })
	t.Run("whole run", func(t *testing.T) {
		Conform(t, "TestTotal", nil, func(r *Runner) { r.PutRecords(numbers, `{"n":1}`) }, Wrap(started))
	})
}

// TestBadKindsDoNotConform runs Conform over kinds that break one promise each,
// in a process of its own, and wants the check that is named to fail there.
func TestBadKindsDoNotConform(t *testing.T) {
	if bad := os.Getenv("WEIR_TEST_BAD_KIND"); bad != "" {
		Conform(t, "TestUpper", Settings{bad: true}, func(r *Runner) { r.Put("a") })
		return
	}
	for bad, check := range map[string]string{
		"unruly": "TwoRunsGiveTheSameBytes",
		"hides":  "FullDiskIsAnError",
	} {
		t.Run(bad, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestBadKindsDoNotConform$")
			cmd.Env = append(os.Environ(), "WEIR_TEST_BAD_KIND="+bad)
			out, err := cmd.CombinedOutput()
			if err == nil {
				t.Fatalf("Conform passed:\n%s", out)
			}
			if !strings.Contains(string(out), "--- FAIL: TestBadKindsDoNotConform/"+check) {
				t.Errorf("%s did not fail:\n%s", check, out)
			}
		})
	}
}
