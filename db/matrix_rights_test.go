package db_test

// What each role of the database may do at all, and with which rows, as it was
// agreed: written down a second time, so that a migration that opens more is
// found. A new table or function needs a row.

// tableRights says which statements each role may make on a table: S, I, U, D;
// u where only some columns may be changed.
type tableRights struct {
	app, engine, anyone string
	// writers are the organisations of a row's own side that may change it, where
	// they are fewer than those that see it.
	writers []string
	// adders are those that may add one, where they are fewer still.
	adders []string
	// public: what is published is everybody's to refer to.
	public bool
	// free: rows that anybody may add, since they are nobody's.
	free string
}

var (
	suppliers = []string{"supplier", "rival"}
	buyersOf  = []string{"lead", "participant"}
)

var tableRows = map[string]tableRights{
	// Registers, and what is public.
	"deployment":            {app: "S", engine: "Su"},
	"organisations":         {app: "S", engine: "S"},
	"networks":              {app: "S", engine: "S"},
	"network_members":       {app: "S", engine: "S"},
	"public_procurements":   {app: "Su", engine: "SIU", anyone: "S", writers: buyersOf},
	"public_documents":      {app: "S", engine: "SIU", anyone: "S"},
	"public_clarifications": {app: "SIu", engine: "SIU", anyone: "S", writers: buyersOf},
	"public_versions":       {app: "S", engine: "SI", anyone: "S"},
	"public_changes":        {app: "SI", engine: "SIU", anyone: "S", writers: buyersOf},

	// Who is who.
	"identities":    {app: "S"},
	"memberships":   {app: "Su"},
	"invitations":   {app: "SIu"},
	"web_storage":   {},
	"case_access":   {app: "S", engine: "SI"},
	"notifications": {app: "Su", engine: "S"},
	"idempotency":   {app: "SID"},
	"spaces":        {app: "SIu", engine: "S", writers: []string{"lead"}},

	// The library: each organisation writes its own.
	"library_entries":  {app: "SIu"},
	"library_versions": {app: "SI"},

	// The log, and what is to be sent.
	"audit":       {app: "SI", engine: "SI"},
	"audit_names": {app: "I", engine: "SI", free: "a name is found only by a hash that an entry of the log commits to"},
	"commands":    {app: "SIu", engine: "SU"},
	"outbox":      {app: "I", engine: "SIUD", writers: []string{"lead"}},

	// The procurement, which its buyers share.
	"procurements":           {app: "SIu", engine: "SU", adders: []string{"lead"}},
	"participants":           {app: "SIuD", engine: "SU"},
	"case_team":              {app: "SIuD", engine: "S"},
	"procurement_documents":  {app: "SIuD", engine: "S"},
	"requirement_sets":       {app: "SIuD", engine: "SU"},
	"requirements":           {app: "SID", engine: "S"},
	"amendments":             {app: "SIu", engine: "S"},
	"input_rounds":           {app: "SIu", engine: "S"},
	"inputs":                 {app: "SIu", engine: "S", adders: []string{"participant"}},
	"rule_confirmations":     {app: "SIu", engine: "S"},
	"gates":                  {app: "S", engine: "SIU"},
	"clarifications":         {app: "SIu", engine: "Su"},
	"clarification_versions": {app: "SI", engine: "S"},
	"opening_keys":           {app: "S", engine: "SIU"},
	"opening_approvals":      {app: "SI", engine: "SD", writers: []string{"lead"}},
	"rejections":             {app: "SI", engine: "S"},
	"scores":                 {app: "SIu", engine: "S"},
	"documentation":          {app: "SI", engine: "S"},
	"awards":                 {app: "S", engine: "SIU"},
	"letters":                {app: "SI", engine: "SI", writers: buyersOf},
	"contracts":              {app: "Su", engine: "SID"},
	"call_offs":              {app: "SI", engine: "S", writers: []string{"lead"}},

	// The tender, which is its supplier's.
	"tenders":              {app: "SIu", engine: "S", writers: []string{"supplier", "rival", "member"}, adders: suppliers, public: true},
	"consortium_members":   {app: "SIu", adders: []string{"supplier"}},
	"data_keys":            {app: "SI", engine: "S"},
	"supplier_wraps":       {app: "SI"},
	"draft_answers":        {app: "SIuD"},
	"organisation_keys":    {app: "SIu"},
	"stored_answers":       {app: "SIuD"},
	"draft_summaries":      {app: "SIuD"},
	"draft_files":          {app: "SIuD"},
	"answer_notes":         {app: "SI"},
	"answer_assignments":   {app: "SIuD"},
	"submitted_files":      {app: "SI", engine: "S", writers: suppliers},
	"opened_files":         {app: "S", engine: "SIu"},
	"submissions":          {app: "SIu", engine: "S", writers: suppliers},
	"tender_confirmations": {app: "SI", engine: "S", writers: suppliers},
	"envelopes":            {app: "SI", engine: "S", writers: suppliers},
	"opening_wraps":        {app: "I", engine: "SD", writers: suppliers},
	"opened_envelopes":     {app: "S", engine: "SI"},
	"opened_declarations":  {app: "S", engine: "SI"},
	"opened_answers":       {app: "S", engine: "SI"},
	"late_attempts":        {app: "SI", engine: "S", writers: suppliers, public: true},
	"questions":            {app: "SIu", engine: "S", writers: buyersOf, public: true, free: "whoever wants to may ask in a published procurement"},
	"question_askers":      {app: "SI", adders: []string{}},
}

// functionRights says which roles may call a function, and how to try it with ids
// of another's: the answer, or the refusal, must be that for ids of nobody.
type functionRights struct {
	roles string // "app engine anyone"
	// probe is a query with {case}, {planned}, {tender}, {org} and so on.
	probe string
	// given is why it may be called with others' ids, or has no ids of others'.
	given string
}

const (
	bySignIn  = "asked before there is an organisation: the caller has proved issuer and subject, or has a code or cookie that cannot be guessed"
	asTrigger = "a trigger's, called by nobody"
)

var functionRows = map[string]functionRights{
	"app_org()":                              {roles: "app engine anyone", given: "tells the caller's own setting"},
	"may_see(uuid)":                          {roles: "app engine", probe: `SELECT may_see({planned})`},
	"unused_objects(uuid[])":                 {roles: "engine", given: "the worker's: which objects of the store nothing refers to"},
	"is_own_tender(uuid)":                    {roles: "app engine", probe: `SELECT is_own_tender({tender rival})`},
	"leads_tender(uuid)":                     {roles: "app", probe: `SELECT leads_tender({tender rival})`},
	"shares_tender(uuid,uuid)":               {roles: "app", probe: `SELECT shares_tender({tender supplier}, {org})`},
	"missing_wraps(uuid)":                    {roles: "app", probe: `SELECT coalesce(jsonb_agg(x), '[]') FROM missing_wraps({tender supplier}) x`},
	"lock_invitation(uuid)":                  {roles: "app", probe: `SELECT lock_invitation({tender supplier})`},
	"own_tenders()":                          {roles: "app", probe: `SELECT {tender rival} = ANY (own_tenders())`},
	"takes_part(uuid)":                       {roles: "app", probe: `SELECT takes_part({case})`},
	"is_open_space(uuid)":                    {roles: "app", probe: `SELECT is_open_space({space})`},
	"is_unasked(uuid)":                       {roles: "app", probe: `SELECT is_unasked({question rival})`},
	"is_tender_of(uuid,uuid)":                {roles: "app", probe: `SELECT is_tender_of({tender rival}, {case})`},
	"case_now(uuid)":                         {roles: "app engine anyone", given: "what time it is in a space that one knows of, for what is public of its cases"},
	"roles_of(uuid,uuid)":                    {roles: "app engine", given: "one pair at a time, for a lead buyer who names a team; members cannot be listed"},
	"enter_gate(uuid)":                       {roles: "app", probe: `SELECT deadline FROM enter_gate({planned})`},
	"team_names(uuid)":                       {roles: "app", probe: `SELECT team_names({case})`},
	"case_timeline(uuid)":                    {roles: "app", probe: `SELECT coalesce(jsonb_agg(x), '[]') FROM case_timeline({case}) x`},
	"party_timeline(uuid,bigint,integer)":    {roles: "app", probe: `SELECT coalesce(jsonb_agg(x), '[]') FROM party_timeline({case}, 0, 100) x`},
	"events_after(uuid,xid8,bigint,integer)": {roles: "app", probe: `SELECT coalesce(jsonb_agg(x), '[]') FROM events_after({org}, '0', 0, 100) x`},
	"audit_search(uuid,uuid,text,text,timestamp with time zone,timestamp with time zone,text,uuid,bigint,integer)": {roles: "app", probe: `SELECT coalesce(jsonb_agg(x), '[]') FROM audit_search({case}, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 9223372036854775807, 100) x`},
	"progress(uuid,integer)":                      {roles: "app", probe: `SELECT coalesce(jsonb_agg(x), '[]') FROM progress('00000000-0000-0000-0000-000000000000', 100) x`},
	"drop_opening_wraps(uuid)":                    {roles: "app", probe: `SELECT drop_opening_wraps({tender rival})`},
	"tell(uuid,text,uuid,uuid,jsonb)":             {roles: "app engine", probe: `SELECT tell({org}, 'x', {case}, {case}, '{}')`},
	"tell_lead(uuid,text,uuid,jsonb)":             {roles: "app engine", probe: `SELECT tell_lead({case}, 'x', {case}, '{}')`},
	"tell_participants(uuid,text,uuid,jsonb)":     {roles: "app engine", probe: `SELECT tell_participants({case}, 'x', {case}, '{}')`},
	"tell_interested(uuid,text,uuid,jsonb)":       {roles: "app engine", probe: `SELECT tell_interested({case}, 'x', {case}, '{}')`},
	"wake(text,uuid)":                             {roles: "app engine", probe: `SELECT wake('procurement', {case})`},
	"register_client(text,text,text,text,text[])": {roles: "app", given: "makes a member of the caller's own organisation only"},

	"memberships_of(text,text)":                                {roles: "app", given: bySignIn},
	"save_me(text,text,text,text)":                             {roles: "app", given: bySignIn},
	"show_invitation(bytea)":                                   {roles: "app", given: bySignIn},
	"accept_invitation(bytea,text,text)":                       {roles: "app", given: bySignIn},
	"represent(text,text,text,jsonb,timestamp with time zone)": {roles: "app", given: bySignIn},
	"web_storage_get(bytea,interval)":                          {roles: "app", given: bySignIn},
	"web_storage_put(bytea,bytea,interval,interval)":           {roles: "app", given: bySignIn},
	"web_storage_take(bytea)":                                  {roles: "app", given: bySignIn},
	"web_storage_purge(integer)":                               {roles: "app", given: "takes away what has run out"},

	"bids_in(uuid,uuid)":                {given: "called by the feeds and the timeline"},
	"consortium_decides()":              {given: asTrigger},
	"consortium_follows()":              {given: asTrigger},
	"leader_hands_in()":                 {given: asTrigger},
	"submission_names_members()":        {given: asTrigger},
	"must_take_part(uuid)":              {given: "called by tell and wake"},
	"notify(uuid,text,uuid,uuid,jsonb)": {given: "called by tell"},
	"enqueue_wake(text,uuid)":           {given: "called by wake"},
	"roles_for(text)":                   {given: "a constant, for the membership's trigger"},
	"access_of_lead()":                  {given: asTrigger},
	"access_of_participant()":           {given: asTrigger},
	"access_of_supplier()":              {given: asTrigger},
	"audit_is_append_only()":            {given: asTrigger},
	"locked_set_is_frozen()":            {given: asTrigger},
	"set_version_is_frozen()":           {given: asTrigger},
	"membership_fits()":                 {given: asTrigger},
	"participation_ends()":              {given: asTrigger},
	"mandates_end()":                    {given: asTrigger},
	"outbox_notify()":                   {given: asTrigger},
	"space_clock_never_back()":          {given: asTrigger},
}
