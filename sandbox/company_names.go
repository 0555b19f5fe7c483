package sandbox

// surnames are Korean family names, the common ones repeated about as often as
// they are met, with their usual romanisation.
var surnames = weighted([]share{
	{21, "김", "kim"}, {15, "이", "lee"}, {8, "박", "park"}, {5, "최", "choi"}, {4, "정", "jung"},
	{2, "강", "kang"}, {2, "조", "cho"}, {2, "윤", "yoon"}, {2, "장", "jang"}, {2, "임", "lim"},
	{2, "한", "han"}, {2, "오", "oh"}, {2, "서", "seo"}, {2, "신", "shin"}, {1, "권", "kwon"},
	{1, "황", "hwang"}, {1, "안", "ahn"}, {1, "송", "song"}, {1, "류", "ryu"}, {1, "전", "jeon"},
	{1, "홍", "hong"}, {1, "고", "ko"}, {1, "문", "moon"}, {1, "양", "yang"}, {1, "손", "son"},
	{1, "배", "bae"}, {1, "백", "baek"}, {1, "허", "heo"}, {1, "유", "yoo"}, {1, "남", "nam"},
	{1, "심", "shim"}, {1, "노", "noh"}, {1, "하", "ha"}, {1, "곽", "kwak"}, {1, "성", "sung"},
	{1, "차", "cha"}, {1, "주", "joo"}, {1, "우", "woo"}, {1, "구", "koo"}, {1, "민", "min"},
	{1, "남궁", "namgung"}, {1, "황보", "hwangbo"},
})

type share struct {
	weight      int
	name, latin string
}

func weighted(list []share) []share {
	var out []share
	for _, s := range list {
		for range s.weight {
			out = append(out, s)
		}
	}
	return out
}

// First and second syllables of given names.
var (
	givenFirst = []string{"민", "서", "지", "현", "예", "수", "하", "준", "도", "유", "은", "태", "재", "승", "영",
		"성", "정", "동", "상", "진", "주", "다", "나", "가", "시", "소", "윤", "채", "아", "우", "건", "경", "규", "혜", "보"}
	givenSecond = []string{"준", "우", "연", "윤", "서", "민", "진", "호", "현", "은", "아", "희", "영", "수", "원",
		"빈", "율", "경", "정", "훈", "환", "석", "철", "미", "라", "솔", "린", "혁", "성", "주"}
	givenAlone = []string{"준", "솔", "별", "훈", "빈", "율", "건", "산", "결", "봄"}
)

// city is a place with some of its districts and its middle.
type city struct {
	name      string
	zip       int
	lat, lng  float64
	districts []string
}

var cities = []city{
	{"서울", 3000, 37.5665, 126.9780, []string{"강남구", "마포구", "종로구", "송파구", "관악구", "노원구", "성동구"}},
	{"서울", 6000, 37.4979, 127.0276, []string{"강남구", "서초구", "동작구"}},
	{"부산", 46000, 35.1796, 129.0756, []string{"해운대구", "부산진구", "사하구", "수영구"}},
	{"인천", 21000, 37.4563, 126.7052, []string{"연수구", "부평구", "미추홀구"}},
	{"대구", 41000, 35.8714, 128.6014, []string{"수성구", "달서구", "중구"}},
	{"대전", 34000, 36.3504, 127.3845, []string{"유성구", "서구", "중구"}},
	{"광주", 61000, 35.1595, 126.8526, []string{"북구", "광산구", "남구"}},
	{"울산", 44000, 35.5384, 129.3114, []string{"남구", "중구", "울주군"}},
	{"수원", 16000, 37.2636, 127.0286, []string{"영통구", "팔달구", "권선구"}},
	{"성남", 13000, 37.4201, 127.1262, []string{"분당구", "수정구"}},
	{"고양", 10000, 37.6584, 126.8320, []string{"일산동구", "덕양구"}},
	{"청주", 28000, 36.6424, 127.4890, []string{"흥덕구", "상당구"}},
	{"전주", 54000, 35.8242, 127.1480, []string{"완산구", "덕진구"}},
	{"제주", 63000, 33.4996, 126.5312, []string{"연동", "노형동", "이도동"}},
	{"춘천", 24000, 37.8813, 127.7298, []string{"퇴계동", "석사동"}},
}

var streets = []string{"가온로", "나래길", "다솜로", "라온길", "마루로", "바른길", "새싹로", "아람로", "하늘길", "한빛로"}

var interests = []string{"등산", "독서", "영화", "요리", "여행", "사진", "게임", "음악", "야구", "축구", "재테크", "반려동물", "캠핑", "외국어"}

var nicknameFirst = []string{"푸른", "조용한", "달리는", "졸린", "행복한", "느긋한", "용감한", "배고픈", "반짝이는", "엉뚱한"}

var nicknameSecond = []string{"고래", "토끼", "수달", "참새", "호랑이", "라마", "고양이", "감자", "다람쥐", "펭귄"}

var plans = []string{"free", "free", "free", "free", "free", "basic", "basic", "pro", "pro", "team"}

var tags = []string{"vip", "신규", "휴면", "추천인", "이벤트참여", "beta", "기업회원", "환불이력"}

var topics = []string{"분기 실적", "신규 기능", "채용 면접", "고객 문의", "디자인 검토", "장애 회고", "마케팅 계획", "온보딩",
	"한국어 회화", "진로 상담", "운동 지도", "독서 모임", "투자 설명", "계약 조건", "일정 조율"}

var deviceModels = []string{"Galaxy S24", "Galaxy A35", "Galaxy Z Flip5", "iPhone 15", "iPhone SE", "iPad Air", "Pixel 8"}
