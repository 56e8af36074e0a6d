package catalogue_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// use is one place in the code that refuses with a rule.
type use struct {
	rule string
	at   string
	// internal: the fault's kind is Internal, so nobody reads the rule's text.
	internal bool
	params   map[string]bool
	// open: params come from a variable; those named in the function count as
	// possible.
	open bool
}

// helper is a function that takes a rule id and makes a fault of it.
type helper struct {
	arg      int
	internal bool
	params   map[string]bool
}

// usesOfRules reads the module's code and lists every rule id that a fault is
// made with. It fails the test on a rule id that it cannot follow.
func usesOfRules(t *testing.T) []use {
	t.Helper()
	var all []use
	for _, dir := range packageDirs(t) {
		files := token.NewFileSet()
		var parsed []*ast.File
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Logf("left out, since it does not parse now: %v", err)
				continue
			}
			parsed = append(parsed, f)
		}
		p := pkg{t: t, files: files, parsed: parsed, helpers: map[string]helper{}, named: map[string]string{}}
		p.constants()
		for p.discover() {
		}
		all = append(all, p.uses()...)
	}
	return all
}

func packageDirs(t *testing.T) []string {
	t.Helper()
	var dirs []string
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			if os.IsNotExist(err) {
				return nil
			}
			return err
		}
		if !d.IsDir() {
			return nil
		}
		if name := d.Name(); path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "tools" || name == "node_modules") {
			return filepath.SkipDir
		}
		dirs = append(dirs, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

type pkg struct {
	t       *testing.T
	files   *token.FileSet
	parsed  []*ast.File
	helpers map[string]helper
	// named are the rule ids that stand in constants called rule….
	named map[string]string
}

// constants reads the rule ids that the package gives names to.
func (p pkg) constants() {
	for _, file := range p.parsed {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, id := range spec.Names {
				if !strings.HasPrefix(id.Name, "rule") || i >= len(spec.Values) {
					continue
				}
				if rule, ok := literal(spec.Values[i]); ok && looksLikeRule(rule) {
					p.named[id.Name] = rule
				}
			}
			return true
		})
	}
}

// rule gives the rule id that an argument is.
func (p pkg) rule(e ast.Expr) (string, bool) {
	if id, ok := e.(*ast.Ident); ok {
		rule, named := p.named[id.Name]
		return rule, named
	}
	rule, ok := literal(e)
	return rule, ok && looksLikeRule(rule)
}

// functions calls f for every named function, and every function given to a
// name.
func (p pkg) functions(f func(name string, typ *ast.FuncType, body *ast.BlockStmt)) {
	for _, file := range p.parsed {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Body != nil {
					f(n.Name.Name, n.Type, n.Body)
				}
			case *ast.AssignStmt:
				for i, r := range n.Rhs {
					lit, ok := r.(*ast.FuncLit)
					id, named := n.Lhs[min(i, len(n.Lhs)-1)].(*ast.Ident)
					if ok && named {
						f(id.Name, lit.Type, lit.Body)
					}
				}
			}
			return true
		})
	}
}

// discover finds functions that hand a parameter on as a rule id; it reports
// whether it found a new one.
func (p pkg) discover() bool {
	found := false
	p.functions(func(name string, typ *ast.FuncType, body *ast.BlockStmt) {
		if _, known := p.helpers[name]; known {
			return
		}
		at := map[string]int{}
		i := 0
		for _, field := range typ.Params.List {
			for _, id := range field.Names {
				at[id.Name] = i
				i++
			}
		}
		ast.Inspect(body, func(n ast.Node) bool {
			if warning, ok := n.(*ast.CompositeLit); ok {
				if arg, ok := warns(warning, at); ok {
					p.helpers[name] = helper{arg: arg}
					found = true
				}
				return true
			}
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			h, ok := p.helperOf(call)
			if !ok || h.arg >= len(call.Args) {
				return true
			}
			id, ok := call.Args[h.arg].(*ast.Ident)
			if !ok {
				return true
			}
			if arg, ok := at[id.Name]; ok {
				params := maps.Clone(h.params)
				if params == nil {
					params = map[string]bool{}
				}
				keys(call, params)
				p.helpers[name] = helper{arg: arg, internal: h.internal || internalKind(call), params: params}
				found = true
				return false
			}
			return true
		})
	})
	return found
}

// warns tells whether a literal is a Warning whose rule is a parameter.
func warns(lit *ast.CompositeLit, at map[string]int) (int, bool) {
	typ, ok := lit.Type.(*ast.Ident)
	if !ok || typ.Name != "Warning" || len(lit.Elts) == 0 {
		return 0, false
	}
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, named := kv.Key.(*ast.Ident); !named || key.Name != "Rule" {
				continue
			}
			e = kv.Value
		}
		if id, ok := e.(*ast.Ident); ok {
			arg, ok := at[id.Name]
			return arg, ok
		}
	}
	return 0, false
}

// helperOf tells whether a call makes a fault, and of which argument.
func (p pkg) helperOf(call *ast.CallExpr) (helper, bool) {
	name := ""
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		name = fun.Name
	case *ast.SelectorExpr:
		name = fun.Sel.Name
		if x, ok := fun.X.(*ast.Ident); ok && x.Name == "fault" {
			if name == "New" || name == "Wrap" {
				return helper{arg: 1}, true
			}
			return helper{}, false
		}
		if name == "Addf" {
			return helper{arg: 0}, true
		}
	}
	h, ok := p.helpers[name]
	return h, ok
}

func (p pkg) uses() []use {
	var all []use
	p.functions(func(_ string, _ *ast.FuncType, body *ast.BlockStmt) {
		possible := map[string]bool{}
		keys(body, possible)
		ast.Inspect(body, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			h, ok := p.helperOf(call)
			if !ok || h.arg >= len(call.Args) {
				return true
			}
			rule, ok := p.rule(call.Args[h.arg])
			if !ok {
				return true
			}
			u := use{rule: rule, at: p.files.Position(call.Pos()).String(), internal: h.internal || internalKind(call), params: map[string]bool{}}
			maps.Copy(u.params, h.params)
			keys(call, u.params)
			for _, arg := range call.Args[min(h.arg+1, len(call.Args)):] {
				if id, ok := arg.(*ast.Ident); ok && strings.Contains(strings.ToLower(id.Name), "param") {
					u.open = true
				}
			}
			if u.open {
				maps.Copy(u.params, possible)
			}
			all = append(all, u)
			return true
		})
	})
	return append(all, p.indirect(all)...)
}

// indirect lists the rule ids that reach a fault by way of a table, a variable
// or a constant. Any param of the package may come with them.
func (p pkg) indirect(direct []use) []use {
	var all []use
	possible := map[string]bool{}
	for _, file := range p.parsed {
		keys(file, possible)
	}
	for _, rule := range p.named {
		if !slices.ContainsFunc(direct, func(u use) bool { return u.rule == rule }) {
			all = append(all, use{rule: rule, at: "constant " + rule, params: possible, open: true})
		}
	}
	for _, file := range p.parsed {
		ast.Inspect(file, func(n ast.Node) bool {
			if assign, ok := n.(*ast.AssignStmt); ok {
				if id, ok := assign.Lhs[0].(*ast.Ident); ok && id.Name == "rule" {
					if rule, ok := literal(assign.Rhs[0]); ok && looksLikeRule(rule) {
						all = append(all, use{rule: rule, at: p.files.Position(n.Pos()).String(), params: possible, open: true})
					}
				}
				return true
			}
			lit, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			for i, e := range lit.Elts {
				if !isKind(e) || i+1 >= len(lit.Elts) {
					continue
				}
				if rule, ok := literal(lit.Elts[i+1]); ok && looksLikeRule(rule) {
					all = append(all, use{rule: rule, at: p.files.Position(lit.Pos()).String(), internal: kindName(e) == "Internal", params: map[string]bool{}})
				}
			}
			return true
		})
	}
	return all
}

// keys adds the keys of every Params literal below n, and those that are set
// one by one on a variable called params.
func keys(n ast.Node, into map[string]bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			if !isParams(n.Type) {
				return true
			}
			for _, e := range n.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					if k, ok := literal(kv.Key); ok {
						into[k] = true
					}
				}
			}
		case *ast.IndexExpr:
			if id, ok := n.X.(*ast.Ident); ok && strings.Contains(strings.ToLower(id.Name), "param") {
				if k, ok := literal(n.Index); ok {
					into[k] = true
				}
			}
		}
		return true
	})
}

func isParams(e ast.Expr) bool {
	sel, ok := e.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Params"
}

func internalKind(call *ast.CallExpr) bool {
	return len(call.Args) > 0 && kindName(call.Args[0]) == "Internal"
}

func isKind(e ast.Expr) bool {
	return slices.Contains([]string{"Invalid", "Unauthenticated", "Denied", "NotFound", "Conflict", "Stale", "TooLarge", "Limited", "Unavailable", "Internal"}, kindName(e))
}

// kindName gives X of fault.X.
func kindName(e ast.Expr) string {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if x, ok := sel.X.(*ast.Ident); !ok || x.Name != "fault" {
		return ""
	}
	return sel.Sel.Name
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

func looksLikeRule(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789.-") == ""
}
