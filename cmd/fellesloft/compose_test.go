package main

import (
	"bufio"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/sethvargo/go-envconfig"
	"go.yaml.in/yaml/v3"

	"github.com/fellesloft/fellesloft/internal/config"
	"github.com/fellesloft/fellesloft/internal/devenv"
)

func checkoutFile(t *testing.T, name string) string {
	t.Helper()
	checkout, err := devenv.FindCheckout()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(checkout.Root, name)
}

// composeVariables are the settings that the compose file takes from outside.
func composeVariables(t *testing.T) map[string]template.Variable {
	t.Helper()
	text, err := os.ReadFile(checkoutFile(t, "docker-compose.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var content map[string]any
	if err := yaml.Unmarshal(text, &content); err != nil {
		t.Fatal(err)
	}
	return template.ExtractVariables(content, template.DefaultPattern)
}

// isSecret goes by the setting's name, which therefore has to say so.
func isSecret(name string) bool {
	return strings.Contains(name, "PASSWORD") || strings.Contains(name, "SECRET") || strings.Contains(name, "TOKEN")
}

const testValue = "given"

// requiredSettings are the fewest settings with which the file loads.
func requiredSettings(t *testing.T) map[string]string {
	t.Helper()
	env := map[string]string{}
	for name, v := range composeVariables(t) {
		if v.Required {
			env[name] = testValue
		}
	}
	return env
}

func loadCompose(t *testing.T, env map[string]string) (*types.Project, error) {
	t.Helper()
	var pairs []string
	for name, value := range env {
		pairs = append(pairs, name+"="+value)
	}
	options, err := cli.NewProjectOptions([]string{checkoutFile(t, "docker-compose.yml")}, cli.WithEnv(pairs), cli.WithDiscardEnvFile)
	if err != nil {
		t.Fatal(err)
	}
	return options.LoadProject(t.Context())
}

func composed(t *testing.T) *types.Project {
	t.Helper()
	project, err := loadCompose(t, requiredSettings(t))
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// environment is a service's settings as its program sees them.
func environment(s types.ServiceConfig) map[string]string {
	env := map[string]string{}
	for name, value := range s.Environment {
		if value != nil {
			env[name] = *value
		}
	}
	return env
}

// ours tells the services that run this program.
func ours(s types.ServiceConfig) bool { return s.Build != nil }

func TestComposeHasEveryPart(t *testing.T) {
	t.Parallel()
	project := composed(t)
	for _, name := range []string{"postgres", "temporal", "temporal-ui", "migrate", "serve", "worker"} {
		if _, err := project.GetService(name); err != nil {
			t.Error(err)
		}
	}
}

func TestComposeWithoutARequiredSettingNamesIt(t *testing.T) {
	t.Parallel()
	all := requiredSettings(t)
	if len(all) == 0 {
		t.Fatal("no setting is required")
	}
	for name := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := maps.Clone(all)
			delete(env, name)
			_, err := loadCompose(t, env)
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("err = %v, want one that names %s", err, name)
			}
		})
	}
}

func TestComposeHasNoSecretOfItsOwn(t *testing.T) {
	t.Parallel()
	for name, v := range composeVariables(t) {
		if isSecret(name) && v.DefaultValue != "" {
			t.Errorf("%s has a default", name)
		}
	}
	// What is written into a setting is seen when every given value is known.
	for name, service := range composed(t).Services {
		for setting, value := range environment(service) {
			if u, err := url.Parse(value); err == nil && u.User != nil {
				if password, _ := u.User.Password(); password != testValue {
					t.Errorf("%s: the password in %s is written in the file", name, setting)
				}
			} else if isSecret(setting) && !strings.HasSuffix(setting, "_FILE") && value != testValue && value != "" {
				t.Errorf("%s: %s is written in the file", name, setting)
			}
		}
	}
}

func TestComposeServicesTellTheirHealth(t *testing.T) {
	t.Parallel()
	for name, s := range composed(t).Services {
		oneShot := s.Restart == "no"
		if !oneShot && (s.HealthCheck == nil || len(s.HealthCheck.Test) == 0 || s.HealthCheck.Disable) {
			t.Errorf("%s runs on and has no health check", name)
		}
		if oneShot && s.HealthCheck != nil {
			t.Errorf("%s ends, and yet has a health check", name)
		}
		for on, dependency := range s.DependsOn {
			once := composed(t).Services[on].Restart == "no"
			if once != (dependency.Condition == types.ServiceConditionCompletedSuccessfully) {
				t.Errorf("%s waits for %s until it is %s", name, on, dependency.Condition)
			}
		}
	}
}

func TestComposeRunsThisProgramWithLittlePower(t *testing.T) {
	t.Parallel()
	for name, s := range composed(t).Services {
		if !ours(s) {
			continue
		}
		if s.User != "65532:65532" || !s.ReadOnly || !slices.Contains(s.CapDrop, "ALL") || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s may more than it needs", name)
		}
		if cmd, rest, err := rootCommand().Find(s.Command); err != nil || len(rest) > 0 || !cmd.Runnable() {
			t.Errorf("%s: %v is no command of the program", name, s.Command)
		}
		if s.HealthCheck == nil {
			continue
		}
		if _, rest, err := rootCommand().Find(s.HealthCheck.Test[2:]); err != nil || len(rest) > 0 || s.HealthCheck.Test[1] != "/fellesloft" {
			t.Errorf("%s: %v is no health check by the program", name, s.HealthCheck.Test)
		}
	}
}

// settingNames lists what a struct of package config reads.
func settingNames(of reflect.Type, prefix string) []string {
	var names []string
	for i := range of.NumField() {
		field := of.Field(i)
		tag := field.Tag.Get("env")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case field.Type.Kind() == reflect.Struct && field.Anonymous:
			names = append(names, settingNames(field.Type, prefix)...)
		case field.Type.Kind() == reflect.Struct && strings.Contains(options, "prefix="):
			_, inner, _ := strings.Cut(options, "prefix=")
			names = append(names, settingNames(field.Type, prefix+inner)...)
		case name != "":
			names = append(names, prefix+name)
		}
	}
	return names
}

func TestComposeSetsWhatServeAndWorkerRead(t *testing.T) {
	t.Parallel()
	project := composed(t)
	for name, into := range map[string]any{"serve": &config.Serve{}, "worker": &config.Worker{}} {
		env := environment(project.Services[name])
		if err := envconfig.ProcessWith(t.Context(), &envconfig.Config{Target: into, Lookuper: envconfig.MapLookuper(env)}); err != nil {
			t.Errorf("%s does not start: %v", name, err)
		}
		known := settingNames(reflect.TypeOf(into).Elem(), "")
		for setting := range env {
			if !slices.Contains(known, setting) && !strings.HasPrefix(setting, "TEMPORAL_") {
				t.Errorf("%s does not read %s", name, setting)
			}
		}
	}
}

// Neither serve nor worker gets what belongs to the other, or to the steps that
// run before them.
func TestComposeKeepsKeysAndRolesApart(t *testing.T) {
	t.Parallel()
	project := composed(t)
	volumes := func(name string) map[string]bool {
		out := map[string]bool{}
		for _, v := range project.Services[name].Volumes {
			out[v.Source] = v.ReadOnly
		}
		return out
	}
	serve, worker := volumes("serve"), volumes("worker")
	// What attached files are stored as, is ciphertext.
	for source := range serve {
		if _, both := worker[source]; both && source != "files" && (source != "shared-keys" || !serve[source] || !worker[source]) {
			t.Errorf("serve and worker share %s", source)
		}
	}
	for name, only := range map[string][]string{"serve": {"DATABASE_URL_ANYONE", "DATABASE_URL_APP"}, "worker": {"DATABASE_URL_ENGINE"}} {
		var got []string
		for setting := range environment(project.Services[name]) {
			if strings.HasPrefix(setting, "DATABASE_URL") || strings.HasPrefix(setting, "PASSWORD") {
				got = append(got, setting)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, only) {
			t.Errorf("%s has %v, want %v", name, got, only)
		}
	}
	// What the step keys makes is what the two read.
	made := environment(project.Services["keys"])
	for _, name := range []string{"serve", "worker"} {
		for setting, value := range environment(project.Services[name]) {
			if strings.HasPrefix(value, "/keys/") && made[setting] != value {
				t.Errorf("%s reads %s from %s, and keys makes it at %q", name, setting, value, made[setting])
			}
		}
	}
}

// Nothing but the API is reached from other hosts, unless somebody says so.
func TestComposeListensOnLoopback(t *testing.T) {
	t.Parallel()
	for name, s := range composed(t).Services {
		for _, p := range s.Ports {
			if p.HostIP != "127.0.0.1" {
				t.Errorf("%s listens on %q", name, p.HostIP)
			}
		}
	}
}

func TestEveryComposeSettingIsDocumented(t *testing.T) {
	t.Parallel()
	file, err := os.Open(checkoutFile(t, ".env.example"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	setting := regexp.MustCompile(`^(#?)([A-Z_]+)=(.*)$`)
	listed := map[string]bool{}
	variables := composeVariables(t)
	for lines := bufio.NewScanner(file); lines.Scan(); {
		m := setting.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		commented, name, value := m[1] == "#", m[2], m[3]
		listed[name] = true
		switch v, used := variables[name]; {
		case !used:
			t.Errorf(".env.example has %s, which nothing uses", name)
		case v.Required == commented:
			t.Errorf(".env.example is to show that %s is required: %v", name, v.Required)
		case v.Required && value != "", !v.Required && value != v.DefaultValue:
			t.Errorf(".env.example says %s=%s, the file %q", name, value, v.DefaultValue)
		}
	}
	operations, err := os.ReadFile(checkoutFile(t, "docs/operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	for name := range variables {
		if !listed[name] {
			t.Errorf(".env.example lacks %s", name)
		}
		if !strings.Contains(string(operations), "`"+name+"`") {
			t.Errorf("docs/operations.md lacks %s", name)
		}
	}
}
