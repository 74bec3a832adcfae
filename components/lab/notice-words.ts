/** The deck's words for what the bridge has to say. */
import type { Finding, Notice } from '../../server/protocol/notices.ts'

function foundWords(found: Finding): string {
  switch (found.kind) {
    case 'absent':
      return `${found.name} 없음`
    case 'exists':
      return `${found.name} 있음`
    case 'count':
      return `${found.count}개`
    case 'value':
      return `${found.name} ${found.path} = ${found.value}`
    case 'path':
      return `${found.name}에 ${found.path} ${found.exists ? '있음' : '없음'}`
    case 'unknown':
      return found.text
  }
}

/** One line: what happened, and what to do about it. */
export function noticeWords(notice: Notice): string {
  switch (notice.kind) {
    case 'busy': {
      const program = `터미널에서 ${notice.program || '프로그램'} 실행 중`
      return notice.interrupts
        ? `${program} · 곧 Ctrl-C로 끝내고 이 단계를 실행합니다`
        : `${program} · 끝나면(q, :q, Ctrl-C) 이 단계를 실행합니다`
    }
    case 'shell-closed':
      return '셸이 끝났습니다 · 랩을 처음으로 되돌리면 새로 시작합니다'
    case 'shell-ended':
      return '명령을 실행하는 동안 셸이 끝났습니다'
    case 'owed':
      return '랩이 새로 시작되어 다시 실행해야 합니다'
    case 'no-step':
    case 'no-lab':
      return '슬라이드가 바뀌었습니다 · 이 페이지를 새로 고치세요'
    case 'missing':
      return `실행하지 않은 앞 단계 ${notice.missing.length}개`
    case 'watch-only':
      return '보기 전용입니다 · 실행하려면 npm start가 알려 준 발표자 주소를 여세요'
    case 'exit':
      return `종료 코드 ${notice.exit} (예상: ${notice.expected})`
    case 'check':
      return `${notice.check} · 실제: ${foundWords(notice.found)}`
    case 'restarting':
      return `랩이 멈췄습니다(${notice.ended}) · 다시 시작하고 있습니다`
    case 'lab-ended':
      return `랩이 거듭 멈췄습니다(${notice.ended}) · ⇧R 두 번이면 다시 시작합니다`
    case 'unreachable':
      return `클러스터가 대답하지 않습니다(${notice.why})`
    case 'not-reset':
      return `랩을 처음으로 되돌리지 못했습니다(${notice.why})`
    case 'fault':
      return notice.why
  }
}
