/* Routes of what two people decide: open proposals, deciding on them, the papers of a telephone order. */
#include "api/proposal.h"

#include "api/people.h"
#include "api/routes.h"

#define MODULE "reserve"

const struct api_field proposal_row[] = {
    { "id", API_ID, .zh = "编号", .en = "id" },
    { "kind", API_TEXT, .zh = "事项", .en = "what is proposed" },
    { "state", API_TEXT, .zh = "状态", .en = "state" },
    { "approval", API_ID, .zh = "审批编号", .en = "approval" },
    { "level", API_INT, .null = true, .zh = "储备级别", .en = "reserve level" },
    { "step", API_TEXT, .null = true, .zh = "准备或执行", .en = "prepared or in force" },
    { "uplift", API_ID, .null = true, .zh = "上浮", .en = "uplift" },
    { "factor_permille", API_INT, .null = true, .zh = "上浮倍数（千分之一）", .en = "factor in thousandths" },
    { "from", API_DATE, .null = true, .zh = "上浮起始日期", .en = "uplift from" },
    { "due", API_DATE, .null = true, .zh = "到位期限", .en = "to be met by" },
    { "lines", API_INT, .zh = "条数（标准或上浮范围）", .en = "lines: standards, or cells of an uplift" },
    { "why", API_TEXT, .zh = "理由", .en = "why" },
    { "legal_basis", API_TEXT, .zh = "依据文号", .en = "document it rests on" },
    { "requested_by", API_ID, .null = true, .zh = "提请人账号", .en = "account of who asked" },
    { "requested_name", API_TEXT, .zh = "提请人", .en = "who asked" },
    { "requested_at", API_TIME, .zh = "提请时间", .en = "asked at" },
    { "ends_at", API_TIME, .null = true, .zh = "逾期未批即失效", .en = "lapses unless approved by" },
    { "leader", API_TEXT, .zh = "电话指令的带班领导", .en = "leader who ordered it by telephone" },
    { "papers_due_at", API_TIME, .null = true, .zh = "手续补齐时限", .en = "papers are due" },
    { "overdue", API_BOOL, .zh = "手续逾期", .en = "papers are overdue" },
    { "chased", API_INT, .zh = "已催办次数", .en = "times it was chased" },
    { "paper", API_TEXT, .zh = "补办文号", .en = "document number" },
    { "decided_by", API_ID, .null = true, .zh = "批准人账号", .en = "account of who decided" },
    { "decided_name", API_TEXT, .zh = "批准人", .en = "who decided" },
    { "decided_at", API_TIME, .null = true, .zh = "批准时间", .en = "decided at" },
    { "note", API_TEXT, .zh = "批准意见", .en = "what was said" },
    { 0 },
};

bg_err proposal_write(struct api_request *rq, const struct reserve_proposal *what, const struct change_kind **ret_kind,
                      const void **ret_in)
{
    struct reserve_propose_in in = { .what = *what, .papers_hours = api_int(&rq->body, "papers_hours", 0) };
    in.what.why = rq->reason;
    in.what.legal_basis = api_text(&rq->body, "legal_basis");
    in.what.leader = api_text(&rq->body, "leader");
    *ret_kind = &reserve_proposing;
    return people_keep(rq, &in, sizeof in, ret_in);
}

static const struct api_field list_query[] = {
    { "kind", API_TEXT, .words = reserve_proposal_kind_slugs, .zh = "只看一类事项", .en = "one kind only" },
    { "open", API_BOOL, .zh = "只看待批准或待补手续的", .en = "only those that wait for an approval or for papers" },
    { 0 },
};

static int kind_of(bg_str slug)
{
    for (int i = 0; reserve_proposal_kind_slugs[i] != NULL; i++) {
        if (bg_str_is(slug, reserve_proposal_kind_slugs[i])) {
            return i + 1;
        }
    }
    return 0;
}

static bg_err get_proposals(struct api_request *rq, struct bg_buf *reply)
{
    int64_t before[1], limit = api_limit(rq), last = 0;
    bool given;
    struct reserve_proposal *list;
    size_t count;
    BG_TRY(api_cursor(rq, before, 1, &given));
    BG_TRY(reserve_proposal_list(rq->tx, rq->city, kind_of(api_text(&rq->query, "kind")), api_int(&rq->query, "open", 0) != 0,
                                 given ? before[0] : 0, (size_t)limit, rq->arena, &list, &count));
    api_list_begin(reply);
    for (size_t i = 0; i < count; i++) {
        last = list[i].id;
        reserve_proposal_json(&list[i], rq->now, reply);
    }
    api_list_end(rq, reply, &last, count == (size_t)limit ? 1 : 0);
    return BG_DONE;
}

/* --- deciding --- */
static const struct api_field decision_body[] = {
    { "agrees", API_BOOL, .required = true, .zh = "同意", .en = "agrees" },
    { "note", API_TEXT, .max = 500, .zh = "意见", .en = "note" },
    { 0 },
};
static const struct api_field paper_body[] = {
    { "paper", API_TEXT, .required = true, .min = 1, .max = 200, .zh = "文号", .en = "document number" },
    { 0 },
};

static bg_err post_decision(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    BG_TRY(auth_need(rq->session, AUTH_RIGHT_APPROVAL_DECIDE, &(struct auth_target){ .city = rq->city }, rq->arena));
    struct reserve_decide_in in = { .by = people_by(rq), .id = rq->param_id[0], .agrees = api_int(&rq->body, "agrees", 0) != 0,
                                    .note = api_text(&rq->body, "note") };
    *ret_kind = &reserve_deciding;
    return people_keep(rq, &in, sizeof in, ret_in);
}

static bg_err post_paper(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    BG_TRY(auth_need(rq->session, AUTH_RIGHT_LEVEL_CHANGE, &(struct auth_target){ .city = rq->city }, rq->arena));
    struct reserve_paper_in in = { rq->param_id[0], api_text(&rq->body, "paper") };
    *ret_kind = &reserve_papering;
    return people_keep(rq, &in, sizeof in, ret_in);
}

static bg_err delete_proposal(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    *ret_kind = &reserve_withdrawing;
    return people_keep(rq, &rq->param_id[0], sizeof rq->param_id[0], ret_in);
}

const struct api_route api_routes_proposal[] = {
    { "GET", "/api/v1/proposals", AUTH_RIGHT_STANDARD_READ, API_LIST, list_query, NULL, proposal_row, .read = get_proposals,
      .zh = "提请事项：待批准、待补手续及历史", .en = "proposals: waiting for approval or papers, and their history", .module = MODULE },
    { "POST", "/api/v1/proposals/{id}/decision", AUTH_RIGHT_APPROVAL_DECIDE, API_WRITES, NULL, decision_body, proposal_row,
      .write = post_decision, .zh = "批准或否决他人的提请；批准即生效",
      .en = "approve (and put in effect) or refuse what somebody else proposed", .module = MODULE },
    { "POST", "/api/v1/proposals/{id}/paper", AUTH_RIGHT_LEVEL_CHANGE, API_WRITES, NULL, paper_body, proposal_row, .write = post_paper,
      .zh = "补录电话指令的文号", .en = "supply the document number of a telephone order", .module = MODULE },
    { "DELETE", "/api/v1/proposals/{id}", AUTH_RIGHT_LEVEL_CHANGE, API_WRITES, NULL, NULL, proposal_row, .write = delete_proposal,
      .zh = "撤回自己的提请", .en = "withdraw one's own proposal", .module = MODULE },
    { 0 },
};
