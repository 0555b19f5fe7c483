package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/processors"
)

var updateSetup = flag.Bool("update-setup", false, "write testdata/setup anew")

// setupGolden compares a text with a file of testdata/setup.
func setupGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "setup", name)
	if *updateSetup {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run the test with -update-setup and look at the difference. Got\n%s", path, got)
	}
}

var setupArgs = []string{"setup", "google", "--project", "calback-prod", "--property", "412345678", "--dataset", "calback", "--location", "asia-northeast3"}

func TestSetupPrintsAScript(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed, and the script is for it")
	}
	for _, c := range []struct {
		name, lang string
		args       []string
	}{
		{"all.en.sh", "en_US.UTF-8", setupArgs},
		{"all.ko.sh", "ko_KR.UTF-8", setupArgs},
		{"firestore.en.sh", "en_US.UTF-8", setupArgs[:4]},
		{"analytics.en.sh", "en_US.UTF-8", append(slices.Clone(setupArgs[:6]), "--service-account", "daily-reader")},
		{"domain.en.sh", "en_US.UTF-8", []string{"setup", "google", "--project", "example.com:calback-prod"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("LC_ALL", c.lang)
			text := must(t, c.args...)
			setupGolden(t, c.name, text)
			if again := must(t, c.args...); again != text {
				t.Error("the script is another at the second time")
			}
			check := exec.CommandContext(t.Context(), bash, "-n")
			check.Stdin = strings.NewReader(text)
			if out, err := check.CombinedOutput(); err != nil {
				t.Errorf("bash -n: %v\n%s", err, out)
			}
			if strings.Contains(text, "keys create") && !strings.Contains(text, "#         gcloud iam service-accounts keys create") {
				t.Error("a key is made")
			}
		})
	}
}

// commands are the lines of a script that do something.
func commands(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "\n"), func(l string) bool { return l == "" || strings.HasPrefix(l, "#") })
}

func TestSetupIsTheSameInBothLanguages(t *testing.T) {
	english := must(t, setupArgs...)
	t.Setenv("LC_ALL", "ko_KR.UTF-8")
	korean := must(t, setupArgs...)
	if en, ko := commands(english), commands(korean); !slices.Equal(en, ko) {
		t.Errorf("English\n%s\nKorean\n%s", strings.Join(en, "\n"), strings.Join(ko, "\n"))
	}
	// So are the commands in comments.
	inside := regexp.MustCompile(`(?m)^# {5,}(gcloud|weir|--|https://|weir-).*$`)
	if en, ko := inside.FindAllString(english, -1), inside.FindAllString(korean, -1); len(en) < 8 || !slices.Equal(en, ko) {
		t.Errorf("English %q, Korean %q", en, ko)
	}
}

// TestSetupRuns runs the script with commands in gcloud's and bq's place that
// only note how they were called, on a project that has nothing yet and on one
// that has all.
func TestSetupRuns(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed, and the script is for it")
	}
	text := must(t, setupArgs...)
	for _, c := range []struct {
		name, there string
		made        int
	}{{"nothing", "1", 2}, {"all", "0", 0}} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			log := filepath.Join(dir, "log")
			stub := "#!/bin/sh\nprintf '%s' \"${0##*/}\" >>\"$LOG\"\nprintf ' [%s]' \"$@\" >>\"$LOG\"\necho >>\"$LOG\"\n" +
				"case \"$*\" in\n*' describe '*|*' show '*) exit " + c.there + ";;\n'config get-value account') echo mina@calback.example;;\nesac\n"
			for _, name := range []string{"gcloud", "bq"} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(stub), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			run := exec.CommandContext(t.Context(), bash)
			run.Stdin = strings.NewReader(text)
			run.Env = []string{"PATH=" + dir + ":/usr/bin:/bin", "LOG=" + log, "HOME=" + dir}
			if out, err := run.CombinedOutput(); err != nil || len(out) > 0 {
				t.Fatalf("%v\n%s", err, out)
			}
			b, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			made := bytes.Count(b, []byte("[create]")) + bytes.Count(b, []byte("[mk]"))
			if made != c.made {
				t.Errorf("%d things were made, want %d", made, c.made)
			}
			setupGolden(t, "calls."+c.name+".txt", string(b))
		})
	}
}

// TestSetupGrantsWhatTheKindsNeed compares the script with the registry: every
// role and API of a Google kind that the flags make usable, and no other.
func TestSetupGrantsWhatTheKindsNeed(t *testing.T) {
	text := strings.Join(commands(must(t, setupArgs...)), "\n")
	var apis, roles int
	for _, k := range processors.Kinds() {
		for _, n := range k.Needs {
			switch {
			case n.Kind == processors.NeedAPI:
				apis++
			case n.Kind == processors.NeedRole:
				roles++
			default:
				continue
			}
			if !strings.Contains(text, n.Value) {
				t.Errorf("%s needs %s, which the script does not give", k.Kind, n.Value)
			}
		}
	}
	if apis < 3 || roles < 3 {
		t.Fatalf("the kinds need %d APIs and %d roles; the test sees too little", apis, roles)
	}
	given := regexp.MustCompile(`roles/[A-Za-z.]+`).FindAllString(text, -1)
	slices.Sort(given)
	want := []string{"roles/bigquery.dataEditor", "roles/bigquery.jobUser", "roles/datastore.viewer", "roles/iam.serviceAccountTokenCreator"}
	if !slices.Equal(given, want) {
		t.Errorf("roles %q, want %q", given, want)
	}
	// The right to write is on the dataset alone.
	if !strings.Contains(text, "GRANT \\`roles/bigquery.dataEditor\\` ON SCHEMA") {
		t.Error("roles/bigquery.dataEditor is not granted on the dataset")
	}
}

func TestSetupRefusesWhatCannotBeMeant(t *testing.T) {
	with := func(flag, value string) []string {
		args := slices.Clone(setupArgs)
		if i := slices.Index(args, flag); i >= 0 {
			args[i+1] = value
			return args
		}
		return append(args, flag, value)
	}
	for _, c := range []struct {
		name string
		args []string
		code string
		says string
	}{
		{"no project", []string{"setup", "google"}, "cli_setup_project", "gcloud projects list"},
		{"a project's name", with("--project", "Calback Prod"), "setting_pattern", "project id"},
		{"a shell's words", with("--project", "x'; rm -rf ~ #"), "setting_pattern", "project id"},
		{"a measurement id", with("--property", "G-ABC123XYZ"), "ga4_property_measurement", "Admin > Property details"},
		{"a tracking id", with("--property", "UA-12345-1"), "ga4_property_universal", "Universal Analytics"},
		{"a stream id", with("--property", "5123456789"), "ga4_property_stream", "data stream"},
		{"a property's name", with("--property", "properties/412345678"), "ga4_property_path", "412345678"},
		{"a dataset's path", with("--dataset", "calback-prod.calback"), "setting_pattern", "dataset id"},
		{"no location", setupArgs[:8], "cli_setup_location", "asia-northeast3"},
		{"no dataset", append(slices.Clone(setupArgs[:6]), "--location", "US"), "cli_setup_dataset", "--dataset"},
		{"no such place", with("--location", "Seoul; Korea"), "cli_setup_place", "asia-northeast3"},
		{"an e-mail", with("--service-account", "weir@calback-prod.iam.gserviceaccount.com"), "cli_setup_account", "weir-reader"},
		{"too short", with("--service-account", "weir"), "cli_setup_account", "6 to 30"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := weir(t, c.args...)
			if r.code != exitInvalid || r.out != "" || !strings.Contains(r.err, "["+c.code+"]") || !strings.Contains(r.err, c.says) {
				t.Errorf("exit %d\n%s%s", r.code, r.out, r.err)
			}
		})
	}
}
