package spec

import "github.com/fellesloft/fellesloft/internal/domain/requirement"

var users = area{"1 Brukerbehov og overordnede krav", []row{
	inform("1.1", "Bakgrunn", "Kommunene ønsker at innbyggere skal kunne bo trygt hjemme lenger, og at ansatte skal finne opplysningene de trenger ett sted. Anskaffelsen omfatter teknologi for trygghet og varsling, og integrasjon med kommunenes journalsystemer og de nasjonale e-helseløsningene."),
	must("1.2", "Alle deltakende kommuner", "Tilbudet skal gjelde for alle kommunene som er navngitt i kunngjøringen, uavhengig av størrelse og av hvilket journalsystem de har.").
		help("Et nei betyr at tilbudet ikke dekker alle oppdragsgiverne."),
	must("1.3", "Norsk språk", "Alle brukergrensesnitt for innbyggere, pårørende og ansatte skal finnes på bokmål og nynorsk."),
	rate("1.4", quality, 10, 500, "Støtte i arbeidshverdagen", "Beskriv hvordan løsningen støtter ansatte i hjemmetjenesten gjennom en vakt: fra varsel til utført oppdrag og dokumentasjon i journal."),
	rate("1.5", quality, 10, 400, "Innbyggere og pårørende", "Beskriv hvordan innbyggeren og pårørende kan følge med, gi samtykke og selv bestemme hvem som får varsler."),
	inform("1.6", "Samiske språk", "Hvilke samiske språk finnes brukergrensesnittet på?").choosing(
		requirement.Option{Label: "Nordsamisk"}, requirement.Option{Label: "Lulesamisk"}, requirement.Option{Label: "Sørsamisk"}, requirement.Option{Label: "Ingen i dag"}).
		answered(requirement.MultiChoice),
	must("1.7", "Felles brukerkatalog", "Løsningen skal kunne hente brukere og roller fra kommunens identitetsløsning, slik at tilganger fjernes når et arbeidsforhold opphører."),
}}

var safety = area{"2 Trygghets- og varslingsteknologi", []row{
	must("2.1", "Trygghetsalarm hjemme og ute", "Løsningen skal omfatte trygghetsalarm som virker både i og utenfor hjemmet, med toveis tale.").in(LotSafety),
	must("2.2", "Reserve ved bortfall", "Alarmer skal nå fram ved bortfall av strøm eller hovedforbindelse i minst 24 timer, og bortfallet skal varsles.").in(LotSafety).
		evidence("Testrapport fra uavhengig laboratorium eller fra drift i en kommune"),
	must("2.3", "Elektronisk dørlås", "Løsningen skal omfatte elektronisk dørlås som kan åpnes av ansatte med tjenstlig behov, og som logger hver åpning.").in(LotSafety),
	row{Requirement: requirement.Requirement{
		Number: "2.4", Title: "Tid fra alarm til svar", Text: "Oppgi lengste tid fra en alarm utløses til den er vist hos den som skal svare, målt som 95-persentil over siste tre måneder. Tiden skal ikke overstige 30 sekunder.",
		Kind: requirement.Absolute, AnswerType: requirement.Number, Mandatory: true, Limits: requirement.Limits{Min: "0", Max: "30", Unit: "sekunder"},
	}}.in(LotSafety),
	rate("2.5", quality, 15, 400, "Falske og tekniske alarmer", "Beskriv hvordan løsningen reduserer antallet alarmer som ikke krever handling, uten at reelle hendelser overses.").in(LotSafety),
	rate("2.6", quality, 15, 400, "Sensorer og digitalt tilsyn", "Beskriv digitalt tilsyn, fallsensorer og døralarmer, og hvordan tidspunkter og terskler tilpasses den enkelte.").in(LotSafety),
	rate("2.7", quality, 10, 300, "Åpne grensesnitt for utstyr", "Beskriv hvordan utstyr fra andre produsenter kan kobles til, og hvilke standarder som brukes.").in(LotSafety),
	inform("2.8", "Medisineringsstøtte", "Tilbys elektronisk medisindispenser som del av sortimentet?").answered(requirement.Boolean).in(LotSafety),
	inform("2.9", "Medisindispenser", "Beskriv dispenseren, og hvordan manglende uttak varsles.").answered(requirement.Text).limited(requirement.Limits{Words: 200}).
		when("2.8", "true").in(LotSafety),
	must("2.10", "Merking og regelverk", "Utstyr som er medisinsk utstyr, skal være CE-merket etter regelverket for medisinsk utstyr.").in(LotSafety).evidence("Samsvarserklæring"),
	inform("2.11", "Utskifting av utstyr", "Kommunene bytter utstyr gradvis. Eksisterende utstyr skal kunne stå i drift ved siden av nytt i inntil 24 måneder.").in(LotSafety),
}}

var integration = area{"3 Journalintegrasjon og nasjonale løsninger", []row{
	must("3.1", "HelseID", "Pålogging og maskin-til-maskin-tilgang skal bruke HelseID, med egen klient per kommune.").in(LotIntegration).
		evidence("Bekreftelse fra Norsk helsenett").from("INT-01"),
	row{Requirement: requirement.Requirement{
		Number: "3.2", Title: "Velferdsteknologisk knutepunkt (VKP)", Text: "Løsningen skal være integrert med velferdsteknologisk knutepunkt, slik at opplysninger fra velferdsteknologi kan journalføres. Når er integrasjonen i ordinær drift?",
		Kind: requirement.Absolute, AnswerType: requirement.Choice, Options: today(), Mandatory: true,
		PassIf: []string{"Ja, i ordinær drift i dag", "Ja, innen dato"},
	}}.in(LotIntegration).from("INT-01"),
	must("3.3", "Kjernejournal", "Ansatte skal kunne slå opp i kjernejournal fra pasientens journal uten ny pålogging og uten å søke pasienten fram på nytt.").in(LotIntegration).
		evidence("Godkjenning fra Norsk helsenett").from("INT-03"),
	must("3.4", "Sentral forskrivningsmodul (SFM)", "Løsningen skal støtte sentral forskrivningsmodul og pasientens legemiddelliste når kommunen tar dem i bruk.").in(LotIntegration).
		evidence("Godkjenning av obligatoriske krav og egenerklæring for øvrige").from("INT-04"),
	rate("3.5", quality, 10, 300, "Plan for utprøving av SFM", "Beskriv hvordan utprøving av SFM gjennomføres sammen med kommunene, fra begrenset til utvidet utprøving.").in(LotIntegration).from("INT-05"),
	must("3.6", "Elektroniske meldinger", "Løsningen skal være testet og godkjent for elektroniske meldinger i pleie- og omsorgstjenesten.").in(LotIntegration).
		evidence("Oppføring i test- og godkjenningsordningen").from("INT-02"),
	must("3.7", "HL7 FHIR", "Åpne grensesnitt for pasientopplysninger skal følge HL7 FHIR R4 eller nyere, med norske basisprofiler der de finnes.").in(LotIntegration),
	rate("3.8", quality, 15, 400, "Dokumentdeling og datadeling", "Beskriv hvordan løsningen deler og henter dokumenter og strukturerte data med andre virksomheter, og hva som gjenstår.").in(LotIntegration),
	rate("3.9", quality, 15, 400, "Feil i integrasjoner", "Beskriv hvordan feil i integrasjoner oppdages, varsles og rettes, og hva ansatte ser mens en nasjonal tjeneste er nede.").in(LotIntegration),
	inform("3.10", "Helsenorge", "Hvilke tjenester på Helsenorge kan kommunens innbyggere bruke gjennom løsningen?").choosing(
		requirement.Option{Label: "Digital dialog"}, requirement.Option{Label: "Timeavtaler"}, requirement.Option{Label: "Skjema"}, requirement.Option{Label: "Ingen i dag"}).
		answered(requirement.MultiChoice).in(LotIntegration).from("INT-07"),
	inform("3.11", "Overgang til ny versjon", "Når er siste versjon av API-ene på Helsenorge tatt i bruk?").answered(requirement.Date).
		limited(requirement.Limits{Min: "2020-01-01"}).when("3.10", "Digital dialog", "Timeavtaler", "Skjema").in(LotIntegration).from("INT-07"),
	must("3.12", "Test fra ende til ende", "Hver integrasjon skal ha en ende-til-ende-test som kommunen kan kjøre i et eget testmiljø med syntetiske personer.").in(LotIntegration).from("INT-08"),
	must("3.13", "Arkivering", "Journal og korrespondanse skal kunne arkiveres i kommunens arkivkjerne etter Noark 5, direkte eller gjennom Fiks Arkiv.").in(LotIntegration).
		evidence("Testrapport").from("ARK-01"),
}}

var accessibility = area{"5 Universell utforming", []row{
	must("5.1", "WCAG", "Alle nettsider og apper for innbyggere, pårørende og ansatte skal oppfylle kravene til universell utforming av ikt, herunder WCAG 2.1 på nivå A og AA.").
		evidence("Testrapport, ikke eldre enn tolv måneder").from("UU-01"),
	must("5.2", "Tilgjengelighetserklæring", "Leverandøren skal gi kommunene det de trenger for å holde tilgjengelighetserklæringene oppdatert, ved hver ny versjon.").from("UU-01"),
	rate("5.3", quality, 10, 300, "Utforming sammen med brukere", "Beskriv hvordan personer med funksjonsnedsettelser og eldre har vært med på å utforme og teste løsningen."),
	inform("5.4", "Testrapport", "Legg ved siste rapport fra test av universell utforming.").answered(requirement.Document).limited(requirement.Limits{Max: "2"}),
	must("5.5", "Bruk uten farge og lyd alene", "Varsler skal kunne oppfattes på mer enn én måte, for eksempel med lyd, lys og vibrasjon."),
}}
