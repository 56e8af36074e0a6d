// Command gen writes the demonstration's requirement specification as a
// workbook. Run it with go generate after a change of the source.
package main

import (
	"log"
	"os"

	"github.com/fellesloft/fellesloft/demo/spec"
	"github.com/fellesloft/fellesloft/internal/sheet"
)

func main() {
	workbook, err := sheet.WriteSpecification(spec.Set(spec.Counter()))
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("kravspesifikasjon.xlsx", workbook, 0o644); err != nil {
		log.Fatal(err)
	}
}
