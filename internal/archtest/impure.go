package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"strconv"
)

// impure are the calls that make a function's result depend on more than its
// arguments. Imports of whole packages are the layers' business.
var impure = map[string][]string{
	"time":                   {"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Sleep", "Local"},
	"github.com/google/uuid": {"New", "NewString", "NewRandom", "NewUUID", "NewV6", "NewV7"},
}

// impureUses gives a line for each use of the clock or of randomness in a file. A name is
// resolved through the file's imports, so a renamed import hides nothing.
func impureUses(files *token.FileSet, file *ast.File) []string {
	local := map[string]string{} // name in the file → import path
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the compiler refuses such a file
		}
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		local[name] = imported
	}
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		name, ok := selector.X.(*ast.Ident)
		if !ok {
			return true
		}
		for _, forbidden := range impure[local[name.Name]] {
			if selector.Sel.Name == forbidden {
				found = append(found, fmt.Sprintf("%s: %s.%s", files.Position(selector.Pos()), local[name.Name], forbidden))
			}
		}
		return true
	})
	return found
}
