package processors_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/weirflow/weir/processors"
)

func page(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../docs/WRITING_A_PROCESSOR.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestThePageShowsTheCodeThatCompiles compares the code blocks of the page with
// the files that are compiled and tested here.
func TestThePageShowsTheCodeThatCompiles(t *testing.T) {
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```\n").FindAllStringSubmatch(page(t), -1)
	files := []string{"testdata/mask/mask.go", "mask_example_test.go"}
	if len(blocks) != len(files) {
		t.Fatalf("the page has %d blocks of Go, want %d", len(blocks), len(files))
	}
	for i, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Replace(string(b), "package processors_test\n", "package mask_test\n", 1)
		if blocks[i][1] != want {
			t.Errorf("the page's block %d is not %s", i+1, name)
		}
	}
}

// TestThePageNamesEveryBinderAndOption keeps the page complete.
func TestThePageNamesEveryBinderAndOption(t *testing.T) {
	text := page(t)
	for _, typ := range []processors.Type{processors.TypeString, processors.TypeText, processors.TypeInt, processors.TypeFloat,
		processors.TypeBool, processors.TypeRune, processors.TypeChoice, processors.TypeList, processors.TypeMap, processors.TypeDuration,
		processors.TypeBytes, processors.TypeSecret, processors.TypeService, processors.TypeSchema} {
		name := strings.ToUpper(string(typ[:1])) + string(typ[1:])
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("the page does not name the binder %s", name)
		}
	}
	for _, word := range []string{"`Expr`", "`ExprMap`", "`Required`", "`Advanced`", "Example(", "Min(", "Max(", "Pattern(", "DependsOn(", "`Verbatim`",
		"WholeRun", "OnEmpty(", "OptionalInput", "processors.Filter", "processors.Reject", "Starter", "Stopper", "Validator", "Verifier", "Inferrer", "Previewer"} {
		if !strings.Contains(text, word) {
			t.Errorf("the page does not name %s", word)
		}
	}
}
